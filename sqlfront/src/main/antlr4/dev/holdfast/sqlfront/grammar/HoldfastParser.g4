/* Holdfast's own statements. One rule per statement; a record of dev.holdfast.sqlfront.statement for each. */
parser grammar HoldfastParser;

options { tokenVocab = HoldfastLexer; }

single: statement SEMICOLON* EOF;

statement
    : backup
    | restore
    | restoreHistory
    | showBackups
    | showBackup
    | alterBackup
    | createConnection
    | dropConnection
    | showConnections
    | showJobs
    | controlJobs
    | setClusterSetting
    | resetClusterSetting
    | showClusterSetting
    | configureZone
    | showHistory
    ;

/* ---- BACKUP, RESTORE ---- */

backup
    : BACKUP targets? INTO destination asOf? withOptions?
    ;

destination
    : LATEST IN uris           # intoLatest
    | quotedText IN uris       # intoSubdirectory
    | uris                     # intoCollection
    ;

restore
    : RESTORE targets? FROM text IN uris asOf? withOptions?
    ;

/* Without a backup: straight from what is kept of the past. */
restoreHistory
    : RESTORE targets (AS tablePattern)? FROM HISTORY asOf withOptions?
    ;

targets
    : DATABASE name (COMMA name)*                       # databaseTargets
    | TABLE? tablePattern (COMMA tablePattern)*         # tableTargets
    ;

tablePattern
    : (name DOT (name DOT)?)? (name | STAR)
    ;

asOf
    : AS OF SYSTEM TIME expression
    ;

/* ---- SHOW BACKUP ---- */

showBackups
    : SHOW BACKUPS IN uris withOptions?
    ;

showBackup
    : SHOW BACKUP SCHEMAS FROM text IN uris withOptions?     # showBackupSchemas
    | SHOW BACKUP VALIDATE FROM text IN uris withOptions?    # showBackupValidate
    | SHOW BACKUP FROM text IN uris withOptions?             # showBackupDefault
    | SHOW BACKUP text IN uris withOptions?                  # showBackupDefault
    ;

/* ---- ALTER BACKUP ---- */

alterBackup
    : ALTER BACKUP text (IN text)? addKms+
    ;

addKms: ADD NEW_KMS EQUALS uris WITH OLD_KMS EQUALS uris;

/* ---- external connections ---- */

createConnection
    : CREATE EXTERNAL CONNECTION (IF NOT EXISTS)? text AS text
    ;

dropConnection
    : DROP EXTERNAL CONNECTION text
    ;

showConnections
    : SHOW CREATE ALL EXTERNAL CONNECTIONS                   # showAllConnections
    | SHOW EXTERNAL CONNECTIONS                              # showAllConnections
    | SHOW CREATE? EXTERNAL CONNECTION text                  # showOneConnection
    ;

/* ---- jobs ---- */

showJobs
    : SHOW AUTOMATIC? JOBS                                   # showJobList
    | SHOW JOBS (WHEN COMPLETE)? query                       # showJobsOfQuery
    | SHOW JOB (WHEN COMPLETE)? jobId                        # showOneJob
    ;

controlJobs
    : jobCommand JOB jobId withReason?                       # controlOneJob
    | jobCommand JOBS query withReason?                      # controlJobsOfQuery
    | jobCommand ALL word JOBS                               # controlAllJobs
    ;

jobCommand: PAUSE | RESUME | CANCEL;

withReason: WITH REASON EQUALS text;

jobId: number | string | placeholder | LPAREN query RPAREN;

/* An ordinary query, run by the upstream: everything up to the end, or up to what may follow it in our grammar. */
query: queryToken+?;
queryToken: ~SEMICOLON;

/* ---- cluster settings ---- */

setClusterSetting: SET CLUSTER SETTING settingName (TO | EQUALS) settingValue;
resetClusterSetting: RESET CLUSTER SETTING settingName;
showClusterSetting
    : SHOW CLUSTER SETTING settingName                       # showOneClusterSetting
    | SHOW ALL CLUSTER SETTINGS                              # showAllClusterSettings
    | SHOW CLUSTER SETTINGS                                  # showAllClusterSettings
    ;
settingName: word (DOT word)*;
settingValue: DEFAULT | TRUE | FALSE | number | string | placeholder | word;

/* ---- history ---- */

configureZone
    : ALTER (DATABASE name | TABLE tablePattern) CONFIGURE ZONE (USING zoneOption (COMMA zoneOption)* | DISCARD)
    ;
zoneOption: settingName EQUALS settingValue;
showHistory: SHOW HISTORY;

/* ---- pieces ---- */

withOptions
    : WITH OPTIONS LPAREN option (COMMA option)* RPAREN
    | WITH option (COMMA option)*
    ;

/* Option names may have several words (execution locality, skip size); a quoted one is legacy syntax. */
option: (word+ | string) (EQUALS optionValue)?;

optionValue
    : TRUE                                     # optionTrue
    | FALSE                                    # optionFalse
    | number                                   # optionNumber
    | text                                     # optionText
    | LPAREN text (COMMA text)* RPAREN         # optionTextList
    ;

uris
    : text
    | LPAREN text (COMMA text)* RPAREN
    ;

expression
    : LPAREN expression RPAREN                 # nestedExpression
    | INTERVAL string                          # intervalExpression
    | number                                   # numberExpression
    | word LPAREN (expression (COMMA expression)*)? RPAREN   # callExpression
    | text                                     # textExpression
    ;

/* CockroachDB's string_or_placeholder: an identifier is a string here. */
text: string | placeholder | word;
quotedText: string | placeholder;
placeholder: PLACEHOLDER;
string: STRING | ESCAPE_STRING | DOLLAR_STRING;
number: MINUS? NUMBER;

name: word;
word: WORD | QUOTED_WORD | unreserved;

/* Every keyword but those that begin a clause after a place where a name can stand. */
unreserved
    : ADD | ALL | ALTER | AUTOMATIC | BACKUP | BACKUPS | CANCEL | CLUSTER | COMPLETE | CONFIGURE | CONNECTION | CONNECTIONS | CREATE
    | DATABASE | DISCARD | DROP | EXISTS | EXTERNAL | HISTORY | IF | INTERVAL | JOB | JOBS | LATEST | NEW_KMS | NOT | OF | OLD_KMS | OPTIONS
    | PAUSE | REASON | RESET | RESTORE | RESUME | SCHEMAS | SET | SETTING | SETTINGS | SHOW | SYSTEM | TIME | VALIDATE | WHEN | ZONE
    ;
