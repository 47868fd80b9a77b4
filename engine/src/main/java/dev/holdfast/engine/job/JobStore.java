package dev.holdfast.engine.job;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.crypto.Sealer;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.system.SystemDatabase;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code jobs} and {@code job_progress}: every statement that reads or changes them. */
final class JobStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int KEPT_EXECUTION_ERRORS = 3;

    /** Jobs whose creating transaction is gone for so long that nobody knows how it ended are not started. */
    private static final String STARTABLE =
            "(created_xid is null or pg_xact_status(created_xid) = 'committed')";

    private static final String COLUMNS =
            """
            j.id, j.job_type, j.description, j.user_name, j.status, p.running_status, j.created, j.started, j.finished,
            greatest(j.modified, p.modified) as modified, p.fraction_completed, j.error, j.error_code, j.error_detail,
            j.error_hint, j.claim_node, j.last_run, j.next_run, j.num_runs, j.execution_errors, j.pause_reason, j.result
            from public.jobs j left join public.job_progress p on p.job_id = j.id
            """;

    /** Parameters: the error, how many are kept. */
    private static final String KEEP_ERROR =
            "execution_errors = (execution_errors || ?::text)[greatest(1, cardinality(execution_errors) + 2 - ?):]";

    private final SystemDatabase system;
    private final Sealer sealer;

    JobStore(SystemDatabase system, Sealer sealer) {
        this.system = system;
        this.sealer = sealer;
    }

    /** A claimed job; its payload is still sealed. */
    record Claimed(JobId id, JobType type, JobState state, byte[] payload, Optional<JobRow.Failure> failure) {}

    void insert(JobId id, NewJob job) throws SQLException {
        var payload = sealer.seal(JSON.writeValueAsBytes(job.payload()));
        system.transaction(connection -> {
            Sql.update(
                    connection,
                    """
                    insert into public.jobs (id, job_type, description, user_name, status, created_by_type, created_by_id,
                        created_xid, payload, payload_key)
                    values (?, ?, ?, ?, 'pending', ?, ?, ?::text::xid8, ?, ?)
                    """,
                    id.value(),
                    job.type().name(),
                    job.description(),
                    job.user(),
                    job.createdBy().map(NewJob.CreatedBy::type).orElse(null),
                    job.createdBy().map(NewJob.CreatedBy::id).orElse(null),
                    job.createdXid().orElse(null),
                    payload,
                    sealer.keyId());
            return Sql.update(connection, "insert into public.job_progress (job_id) values (?)", id.value());
        });
    }

    /** Takes jobs that nobody alive holds. A request that no owner can carry out any more is carried out here. */
    List<Claimed> claim(UUID session, int node, Collection<JobType> types, int most) throws SQLException {
        return system.transaction(connection -> {
            Sql.update(
                    connection,
                    """
                    delete from public.jobs
                    where started is null and finished is null and created_xid is not null
                        and pg_xact_status(created_xid) = 'aborted'
                    """);
            Sql.update(
                    connection,
                    """
                    update public.jobs set status = 'paused', modified = clock_timestamp()
                    where status = 'pause-requested' and not exists (
                        select from public.node_sessions s
                        where s.session_id = claim_session and s.expires > clock_timestamp())
                    """);
            return Sql.query(
                    connection,
                    """
                    update public.jobs
                    set claim_session = ?, claim_node = ?, num_runs = num_runs + 1, last_run = clock_timestamp(),
                        started = coalesce(started, clock_timestamp()), next_run = null, modified = clock_timestamp(),
                        status = case status when 'pending' then 'running' when 'cancel-requested' then 'reverting'
                            else status end,
                        error = case status when 'cancel-requested' then 'job canceled by user' else error end,
                        error_code = case status when 'cancel-requested' then '57014' else error_code end
                    where id in (
                        select id from public.jobs
                        where status in ('pending', 'running', 'reverting', 'cancel-requested')
                            and payload_key = ? and job_type = any (?)
                            and coalesce(next_run, '-infinity') <= clock_timestamp()
                            and not exists (
                                select from public.node_sessions s
                                where s.session_id = claim_session and s.expires > clock_timestamp())
                            and\s"""
                            + STARTABLE
                            + """

                        order by created
                        limit ?
                        for update skip locked)
                    returning id, job_type, status, payload, error, error_code, error_detail, error_hint
                    """,
                    row -> new Claimed(
                            new JobId(row.getLong("id")),
                            JobType.valueOf(row.getString("job_type")),
                            JobState.parse(row.getString("status")),
                            row.getBytes("payload"),
                            failure(row)),
                    session,
                    node,
                    sealer.keyId(),
                    connection.createArrayOf("text", types.stream().map(JobType::name).toArray()),
                    most);
        });
    }

    /**
     * Moves a job this session holds to another state. False when it holds it no longer, or when a request of a user came
     * in between.
     */
    boolean transition(JobId id, UUID session, JobState from, JobState to, Optional<JobRow.Failure> failure, Optional<JobResult> result)
            throws SQLException {
        if (!from.mayBecome(to)) {
            throw new IllegalStateException(id + ": " + from + " may not become " + to);
        }
        return system.transaction(connection -> {
            int changed = Sql.update(
                    connection,
                    """
                    update public.jobs
                    set status = ?, modified = clock_timestamp(), finished = case when ? then clock_timestamp() end,
                        error = coalesce(?, error), error_code = coalesce(?, error_code),
                        error_detail = coalesce(?, error_detail), error_hint = coalesce(?, error_hint),
                        result = ?::jsonb, claim_session = case when ? then claim_session end
                    where id = ? and claim_session = ? and status = ?
                    """,
                    to.text(),
                    to.isTerminal(),
                    failure.map(JobRow.Failure::message).orElse(null),
                    failure.map(JobRow.Failure::code).orElse(null),
                    failure.flatMap(JobRow.Failure::detail).orElse(null),
                    failure.flatMap(JobRow.Failure::hint).orElse(null),
                    result.map(JSON::writeValueAsString).orElse(null),
                    to == JobState.REVERTING,
                    id.value(),
                    session,
                    from.text());
            if (changed == 1 && to == JobState.SUCCEEDED) {
                Sql.update(
                        connection,
                        "update public.job_progress set fraction_completed = 1, running_status = null where job_id = ?",
                        id.value());
            }
            return changed == 1;
        });
    }

    /** From here on the job cannot be paused or cancelled. False when such a request, or another owner, came first. */
    boolean beginFinishing(JobId id, UUID session) throws SQLException {
        return system.transaction(connection -> Sql.update(
                        connection,
                        "update public.jobs set finishing = true where id = ? and claim_session = ? and status = 'running'",
                        id.value(),
                        session)
                == 1);
    }

    void startOver(JobId id, UUID session) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                "update public.jobs set finishing = false where id = ? and claim_session = ? and finishing",
                id.value(),
                session));
    }

    /** Pauses a job that cannot go on by itself: what hinders it is no error of the job's, a RESUME goes on. */
    boolean pause(JobId id, UUID session, String reason) throws SQLException {
        return system.transaction(connection -> Sql.update(
                        connection,
                        """
                        update public.jobs
                        set status = 'paused', pause_reason = ?, claim_session = null, finishing = false, modified = clock_timestamp(),
                        """
                                + KEEP_ERROR
                                + " where id = ? and claim_session = ? and status = 'running'",
                        reason,
                        reason,
                        KEPT_EXECUTION_ERRORS,
                        id.value(),
                        session)
                == 1);
    }

    /** Gives the job back to be tried again later, by whichever node is first. */
    void retryLater(JobId id, UUID session, Duration delay, String error) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                """
                update public.jobs
                set claim_session = null, next_run = clock_timestamp() + make_interval(secs => ?), modified = clock_timestamp(),
                """
                        + KEEP_ERROR
                        + " where id = ? and claim_session = ?",
                delay.toMillis() / 1000.0,
                error,
                KEPT_EXECUTION_ERRORS,
                id.value(),
                session));
    }

    void release(JobId id, UUID session) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                "update public.jobs set claim_session = null, modified = clock_timestamp() where id = ? and claim_session = ?",
                id.value(),
                session));
    }

    /** What users have asked of the jobs that this session holds; jobs that it holds no longer are left out. */
    List<JobRow> heldBy(UUID session) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(connection, "select " + COLUMNS + " where j.claim_session = ?", JobStore::row, session);
        }
    }

    void saveProgress(JobId id, UUID session, double fraction, Optional<String> runningStatus) throws SQLException {
        system.transaction(connection -> {
            ownedUpdate(
                    connection,
                    id,
                    session,
                    "fraction_completed = ?, running_status = ?",
                    fraction,
                    runningStatus.orElse(null));
            return null;
        });
    }

    void saveCheckpoint(JobId id, UUID session, Object checkpoint) throws SQLException {
        system.transaction(connection -> {
            saveCheckpoint(connection, id, session, checkpoint);
            return null;
        });
    }

    void saveCheckpoint(Connection connection, JobId id, UUID session, Object checkpoint) throws SQLException {
        ownedUpdate(connection, id, session, "checkpoint = ?::jsonb", JSON.writeValueAsString(checkpoint));
    }

    /** A checkpoint of somebody who has lost the job must not overwrite the new owner's: the claim is checked in the same statement. */
    private static void ownedUpdate(Connection connection, JobId id, UUID session, String assignments, Object... values)
            throws SQLException {
        var parameters = new Object[values.length + 3];
        System.arraycopy(values, 0, parameters, 0, values.length);
        parameters[values.length] = id.value();
        parameters[values.length + 1] = id.value();
        parameters[values.length + 2] = session;
        int changed = Sql.update(
                connection,
                "update public.job_progress set " + assignments
                        + """
                        , modified = clock_timestamp()
                        where job_id = ? and exists (select from public.jobs where id = ? and claim_session = ? for share)
                        """,
                parameters);
        if (changed == 0) {
            throw new JobInterrupted(JobInterrupted.Reason.LOST_CLAIM);
        }
    }

    void describe(JobId id, UUID session, String description) throws SQLException {
        system.transaction(connection -> Sql.update(
                connection,
                "update public.jobs set description = ? where id = ? and claim_session = ?",
                description,
                id.value(),
                session));
    }

    <T> Optional<T> checkpoint(JobId id, Class<T> type) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.one(
                            connection,
                            "select checkpoint from public.job_progress where job_id = ?",
                            row -> Optional.ofNullable(row.getString(1)),
                            id.value())
                    .map(text -> JSON.readValue(text, type));
        }
    }

    /** The list form of SHOW JOBS: what is unfinished, or finished less than twelve hours ago. */
    List<JobRow> recent(boolean automatic) throws SQLException {
        var types = java.util.Arrays.stream(JobType.values())
                .filter(type -> type.isAutomatic() == automatic)
                .map(JobType::name)
                .toArray(String[]::new);
        try (var connection = system.connection()) {
            return Sql.query(
                    connection,
                    "select " + COLUMNS
                            + """
                            where j.job_type = any (?) and coalesce(j.finished, 'infinity') > clock_timestamp() - interval '12 hours'
                            order by coalesce(j.finished, clock_timestamp()) desc, j.started desc, j.id desc
                            """,
                    JobStore::row,
                    connection.createArrayOf("text", types));
        }
    }

    List<JobRow> rows(Collection<JobId> ids) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(
                    connection, "select " + COLUMNS + " where j.id = any (?) order by j.id", JobStore::row, array(connection, ids));
        }
    }

    List<JobId> unfinished(JobType type) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.query(
                    connection,
                    """
                    select id from public.jobs
                    where job_type = ? and status not in ('succeeded', 'failed', 'canceled', 'revert-failed') order by id
                    """,
                    row -> new JobId(row.getLong(1)),
                    type.name());
        }
    }

    long paused(JobType type) throws SQLException {
        try (var connection = system.connection()) {
            return Sql.one(
                    connection,
                    "select count(*) from public.jobs where job_type = ? and status = 'paused'",
                    row -> row.getLong(1),
                    type.name());
        }
    }

    /** Changes all the jobs or none; the first one that refuses decides. */
    void request(Collection<JobId> ids, JobRequest request) throws SQLException {
        system.transaction(connection -> {
            for (var id : ids) {
                requestOne(connection, id, request);
            }
            return null;
        });
    }

    private static void requestOne(Connection connection, JobId id, JobRequest request) throws SQLException {
        record Current(JobState state, boolean hasFailed, boolean finishing, String error) {}
        var current = Sql.first(
                        connection,
                        "select status, error, finishing from public.jobs where id = ? for update",
                        row -> new Current(
                                JobState.parse(row.getString(1)), row.getString(2) != null, row.getBoolean(3), row.getString(2)),
                        id.value())
                .orElseThrow(() -> HoldfastException.of(SqlState.UNCATEGORIZED, "job with ID " + id + " does not exist"));
        Optional<JobState> next =
                switch (request) {
                    case JobRequest.Pause pause -> current.state().onPause();
                    case JobRequest.Resume resume -> current.state().onResume(current.hasFailed());
                    case JobRequest.Cancel cancel -> {
                        if (current.state() == JobState.PAUSED && current.hasFailed()) {
                            throw HoldfastException.of(
                                    SqlState.UNCATEGORIZED,
                                    "job " + id + " is paused and has non-nil FinalResumeError hence cannot be canceled and"
                                            + " should be reverted: " + current.error());
                        }
                        yield current.state().onCancel();
                    }
                };
        if (next.isEmpty()) {
            return;
        }
        if (current.finishing() && !(request instanceof JobRequest.Resume)) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "job " + id + ": not cancelable")
                    .withDetail("The job is making its result visible.");
        }
        var reason = request instanceof JobRequest.Pause pause ? pause.reason().orElse(null) : null;
        Sql.update(
                connection,
                """
                update public.jobs
                set status = ?, pause_reason = ?, modified = clock_timestamp(), next_run = null,
                    claim_session = case when ? then null else claim_session end
                where id = ?
                """,
                next.get().text(),
                reason,
                request instanceof JobRequest.Resume,
                id.value());
    }

    private static Array array(Connection connection, Collection<JobId> ids) throws SQLException {
        return connection.createArrayOf("int8", ids.stream().map(JobId::value).toArray());
    }

    private static JobRow row(ResultSet row) throws SQLException {
        return new JobRow(
                new JobId(row.getLong("id")),
                JobType.valueOf(row.getString("job_type")),
                row.getString("description"),
                row.getString("user_name"),
                JobState.parse(row.getString("status")),
                Optional.ofNullable(row.getString("running_status")),
                time(row, "created").orElseThrow(),
                time(row, "started"),
                time(row, "finished"),
                time(row, "modified").orElseThrow(),
                row.getDouble("fraction_completed"),
                failure(row),
                Optional.ofNullable(row.getObject("claim_node", Integer.class)),
                time(row, "last_run"),
                time(row, "next_run"),
                row.getLong("num_runs"),
                List.of((String[]) row.getArray("execution_errors").getArray()),
                Optional.ofNullable(row.getString("pause_reason")),
                Optional.ofNullable(row.getString("result")));
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static Optional<JobRow.Failure> failure(ResultSet row) throws SQLException {
        if (row.getString("error") == null) {
            return Optional.empty();
        }
        return Optional.of(new JobRow.Failure(
                row.getString("error_code"),
                row.getString("error"),
                Optional.ofNullable(row.getString("error_detail")),
                Optional.ofNullable(row.getString("error_hint"))));
    }

    static JobResult result(String json) {
        return JSON.readValue(json, JobResult.class);
    }

    <P> P payload(Claimed claimed, Class<P> type) {
        return JSON.readValue(sealer.open(claimed.payload()), type);
    }
}
