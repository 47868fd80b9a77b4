package dev.holdfast.sqlfront;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import dev.holdfast.sqlfront.statement.StatementParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What parses prints, and what is printed parses to the same. */
class StatementCorpusTest {
    static String[] statements() {
        return """
                BACKUP INTO 'nodelocal://1/c'
                BACKUP INTO "s3://bucket?AUTH=implicit"
                BACKUP DATABASE bank INTO 'nodelocal://1/c'
                BACKUP DATABASE bank, "Employees" INTO ('nodelocal://1/c')
                BACKUP TABLE a.b, c INTO $1
                BACKUP bank.customers INTO 'nodelocal://1/c' AS OF SYSTEM TIME '-10s'
                BACKUP bank.public.customers, bank.*, s.t.* INTO 'nodelocal://1/c'
                BACKUP * INTO 'nodelocal://1/c'
                BACKUP database.table_name INTO 'nodelocal://1/c'
                BACKUP INTO LATEST IN 'nodelocal://1/c'
                BACKUP INTO 'sub' IN 'nodelocal://1/c' WITH detached
                BACKUP INTO $2 IN $1 WITH detached = TRUE, revision_history
                BACKUP INTO ('s3://e?COCKROACH_LOCALITY=default', 's3://w?COCKROACH_LOCALITY=region%3Dus-west')
                BACKUP INTO 'c' AS OF SYSTEM TIME INTERVAL '-1h' WITH OPTIONS (detached, kms = ('a', 'b'))
                BACKUP INTO 'c' AS OF SYSTEM TIME 1700000000000000000.0000000001
                BACKUP INTO 'c' AS OF SYSTEM TIME "-10s"
                BACKUP INTO 'c' AS OF SYSTEM TIME follower_read_timestamp()
                BACKUP INTO 'c' WITH execution locality = 'region=us', encryption_passphrase = 'it''s'
                backup into $$dollar$$ with encryption_passphrase = e'back\\\\slash \\u00e9 \\x41'
                RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/c'
                RESTORE DATABASE bank FROM '2026/01/02-030405.06' IN 'c' WITH new_db_name = new_bank
                RESTORE TABLE bank.customers FROM latest IN $1 WITH into_db = 'x', detached
                RESTORE bank.* FROM $2 IN ('a', 'b') AS OF SYSTEM TIME '2026-01-01 10:00:00'
                BACKUP DATABASE bank INTO LATEST IN 'c' AS OF SYSTEM TIME '-10s' WITH revision_history
                BACKUP INTO LATEST IN ('a', 'b') AS OF SYSTEM TIME $2 WITH revision_history = FALSE, detached
                BACKUP INTO '2026/01/02-030405.06' IN 'c' WITH incremental_location = 'd'
                BACKUP TABLE a.b INTO $1 IN $2 AS OF SYSTEM TIME now()
                RESTORE FROM LATEST IN 'c'
                RESTORE FROM LATEST IN 'c' AS OF SYSTEM TIME 1700000000000000000.0000000001
                RESTORE DATABASE bank FROM LATEST IN 'c' AS OF SYSTEM TIME INTERVAL '-1h' WITH new_db_name = 'x'
                RESTORE TABLE a.b FROM $2 IN $1 AS OF SYSTEM TIME $3 WITH into_db = 'x'
                ALTER DATABASE bank CONFIGURE ZONE USING history = on
                ALTER DATABASE "Odd name" CONFIGURE ZONE USING history = 'off', gc.ttlseconds = 3600
                ALTER DATABASE bank CONFIGURE ZONE USING gc.ttlseconds = $1
                ALTER DATABASE bank CONFIGURE ZONE DISCARD
                ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = 600
                ALTER TABLE bank.public."Odd name" CONFIGURE ZONE USING gc.ttlseconds = $1
                ALTER TABLE discard CONFIGURE ZONE DISCARD
                SHOW HISTORY
                SHOW BACKUPS IN 'c'
                SHOW BACKUP FROM LATEST IN 'c'
                SHOW BACKUP SCHEMAS FROM '/2026/01/02-030405.06' IN 'c' WITH skip size
                SHOW BACKUP LATEST IN 'c'
                SHOW BACKUP VALIDATE FROM LATEST IN 'c' WITH encryption_passphrase = $1
                ALTER BACKUP LATEST IN 'c' ADD NEW_KMS = 'aws-kms:///k' WITH OLD_KMS = ('aws-kms:///a', $1)
                ALTER BACKUP 's3://b/2026' ADD NEW_KMS = 'a' WITH OLD_KMS = 'b' ADD NEW_KMS = 'c' WITH OLD_KMS = 'd'
                CREATE EXTERNAL CONNECTION backups AS 's3://bucket?AUTH=implicit'
                CREATE EXTERNAL CONNECTION IF NOT EXISTS 'b c' AS $1
                DROP EXTERNAL CONNECTION "Backups"
                SHOW EXTERNAL CONNECTIONS
                SHOW EXTERNAL CONNECTION backups
                SHOW CREATE EXTERNAL CONNECTION $1
                SHOW CREATE ALL EXTERNAL CONNECTIONS
                SHOW JOBS
                SHOW AUTOMATIC JOBS
                SHOW JOB 27536791415282
                SHOW JOB $1
                SHOW JOB WHEN COMPLETE 1
                SHOW JOBS (SELECT job_id FROM t WHERE a = ';')
                SHOW JOBS WHEN COMPLETE SELECT 1
                SHOW JOBS WITH x AS (SELECT 1) SELECT * FROM x
                PAUSE JOB 1
                PAUSE JOB 1 WITH REASON = 'lunch'
                PAUSE JOBS (SELECT 1) WITH REASON = $1
                RESUME JOBS SELECT $1
                CANCEL JOB (SELECT max(id) FROM j)
                CANCEL ALL backup JOBS
                SET CLUSTER SETTING bulkio.backup.file_size = '16 MiB'
                SET CLUSTER SETTING feature.backup.enabled TO false
                SET CLUSTER SETTING feature.backup.enabled = DEFAULT
                RESET CLUSTER SETTING feature.backup.enabled
                SHOW CLUSTER SETTING feature.backup.enabled
                SHOW CLUSTER SETTINGS
                SHOW ALL CLUSTER SETTINGS
                /* a /* nested */ comment */ BACKUP -- to the end
                """
                .replace("BACKUP -- to the end\n", "BACKUP -- to the end\f INTO 'c'\n")
                .lines()
                .map(line -> line.replace('\f', '\n'))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("statements")
    void printsWhatItParsed(String sql) {
        var statement = StatementParser.parse(sql);
        var printed = StatementFormatter.format(statement);
        assertThat(StatementParser.parse(printed)).as(printed).isEqualTo(statement);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            BACKUP                                      | syntax error at end of input                  | 7
            BACKUP foo bar                              | syntax error at or near "bar"                 | 12
            BACKUP INTO                                 | syntax error at end of input                  | 12
            BACKUP INTO 'c' WITH                        | syntax error at end of input                  | 21
            BACKUP INTO 'c                              | unterminated quoted string at or near "'"     | 13
            BACKUP "" INTO 'c'                          | zero-length delimited identifier at or near ""| 8
            RESTORE DATABASE a.b FROM 'x' IN 'y'        | syntax error at or near "."                   | 19
            BACKUP INTO 'c' AS OF SYSTEM TIME           | syntax error at end of input                  | 34
            RESTORE FROM LATEST IN 'c' AS OF '-10s'     | syntax error at or near "'-10s'"              | 34
            ALTER DATABASE b CONFIGURE ZONE USING       | syntax error at end of input                  | 38
            ALTER DATABASE b CONFIGURE ZONE USING a     | syntax error at end of input                  | 40
            SHOW HISTORY x                              | syntax error at or near "x"                   | 14
            SHOW JOBS foo                               | syntax error at or near "foo"                 | 11
            SHOW BACKUP FROM LATEST                     | syntax error at end of input                  | 24
            PAUSE JOB                                   | syntax error at end of input                  | 10
            CANCEL JOB $0                               | there is no parameter $0                      | 12
            BACKUP INTO e'\\u12' WITH x                 | invalid escape in a string literal            | 13
            """)
    void saysWhatIsWrongAndWhere(String sql, String message, int position) {
        var error = catchThrowableOfType(HoldfastException.class, () -> StatementParser.parse(sql));
        assertThat(error).hasMessageStartingWith(message);
        assertThat(error.position()).isEqualTo(position);
    }
}
