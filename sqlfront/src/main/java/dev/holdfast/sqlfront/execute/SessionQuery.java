package dev.holdfast.sqlfront.execute;

import dev.holdfast.sqlfront.statement.Statement;
import dev.holdfast.sqlfront.statement.Statement.ControlJobs;
import dev.holdfast.sqlfront.statement.Statement.JobSelection;
import dev.holdfast.sqlfront.statement.Statement.ShowJobs;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * The query that stands for an own statement in the upstream. It is parsed, bound and executed where the own statement is,
 * so the upstream keeps deciding about names of prepared statements, failed transactions and skipped messages; and its one
 * row is the {@link SessionFacts}.
 */
public final class SessionQuery {
    private static final String FACTS = "select current_user, pg_catalog.current_setting('is_superuser'),"
            + " pg_catalog.current_database(), pg_catalog.array_to_json(pg_catalog.current_schemas(false)),"
            + " pg_catalog.current_setting('holdfast.progress', true), pg_catalog.date_part('epoch',"
            + " pg_catalog.current_setting('statement_timeout')::pg_catalog.interval), ";

    /**
     * A transaction that has written nothing commits without waiting for the disk; after a crash it would count as aborted,
     * and a job that hangs on it would be gone though its COMMIT was answered. So it writes something.
     */
    private static final String TRANSACTION =
            "(select pg_catalog.pg_current_xact_id() from pg_catalog.pg_logical_emit_message(true, 'holdfast', ''))";

    /** Not longer than what precedes a job query at least: SHOW JOBS and a blank. */
    private static final String BEFORE_JOB_QUERY = "with q as(";

    private SessionQuery() {}

    /**
     * Its text: with the session's transaction id for a job that starts when that commits, with the ids of a job query.
     *
     * @param jobQueryAt how many characters of the client's text precede the job query; as many precede it here, so that
     *     positions in its errors point into the text the client has
     */
    public static String of(Statement statement, boolean withTransaction, int jobQueryAt) {
        var facts = FACTS + (withTransaction ? TRANSACTION : "null") + ", ";
        return jobQuery(statement)
                .map(query -> " ".repeat(Math.max(0, jobQueryAt - BEFORE_JOB_QUERY.length())) + BEFORE_JOB_QUERY + query + "\n) "
                        + facts + "pg_catalog.array_to_json(array(table q)) /* holdfast */")
                .orElse(facts + "null /* holdfast */");
    }

    public static Optional<String> jobQuery(Statement statement) {
        return switch (statement) {
            case ShowJobs(JobSelection.OfQuery selection, var whenComplete) -> Optional.of(selection.query());
            case ControlJobs(var command, JobSelection.OfQuery selection, var reason) -> Optional.of(selection.query());
            case ShowJobs other -> Optional.empty();
            case ControlJobs other -> Optional.empty();
            case Statement.Backup other -> Optional.empty();
            case Statement.Restore other -> Optional.empty();
            case Statement.RestoreHistory other -> Optional.empty();
            case Statement.ShowBackups other -> Optional.empty();
            case Statement.ShowBackup other -> Optional.empty();
            case Statement.AlterBackup other -> Optional.empty();
            case Statement.CreateConnection other -> Optional.empty();
            case Statement.DropConnection other -> Optional.empty();
            case Statement.ShowConnections other -> Optional.empty();
            case Statement.SetClusterSetting other -> Optional.empty();
            case Statement.ShowClusterSetting other -> Optional.empty();
            case Statement.ShowAllClusterSettings other -> Optional.empty();
            case Statement.ConfigureZone other -> Optional.empty();
            case Statement.ShowHistory other -> Optional.empty();
        };
    }

    /** Reads the row, in text form; nulls are SQL's. */
    public static SessionFacts read(List<String> row, SessionFacts.TransactionPlace place) {
        var json = JsonMapper.shared();
        return new SessionFacts(
                row.get(0),
                "on".equals(row.get(1)),
                row.get(2),
                Arrays.asList(json.readValue(row.get(3), String[].class)),
                isOn(row.get(4)),
                Math.round(Double.parseDouble(row.get(5)) * 1000),
                Optional.ofNullable(row.get(6)),
                row.get(7) == null ? List.of() : jobIds(row.get(7)),
                place);
    }

    /** Only whole numbers: half of an id must not come to mean another job. NULL stands for no job. */
    private static List<Long> jobIds(String jsonArray) {
        var ids = new ArrayList<Long>();
        for (var id : JsonMapper.shared().readTree(jsonArray)) {
            if (id.isNull()) {
                continue;
            }
            if (!id.isIntegralNumber() || !id.canConvertToLong()) {
                throw HoldfastException.of(new SqlState("42804"), "the query must return one column of job ids");
            }
            ids.add(id.longValue());
        }
        return ids;
    }

    /** A placeholder setting holds any text; what PostgreSQL takes for true is on. */
    private static boolean isOn(String setting) {
        return setting != null && List.of("on", "true", "yes", "1", "t", "y").contains(setting.toLowerCase(Locale.ROOT));
    }
}
