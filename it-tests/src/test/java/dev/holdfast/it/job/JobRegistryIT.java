package dev.holdfast.it.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.engine.cluster.Sql;
import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.engine.crypto.Sealer;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.job.JobContext;
import dev.holdfast.engine.job.JobCounters.Outcome;
import dev.holdfast.engine.job.JobExecution;
import dev.holdfast.engine.job.JobId;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobRequest;
import dev.holdfast.engine.job.JobResult;
import dev.holdfast.engine.job.JobState;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.engine.job.NewJob;
import dev.holdfast.engine.job.UniqueIds;
import dev.holdfast.engine.system.Node;
import dev.holdfast.engine.system.SystemDatabase;
import dev.holdfast.it.support.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of jobs whose work does what the test wants. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JobRegistryIT {
    private static TestPostgres postgres;
    private static Path directory;
    private static SystemDatabase system;
    private static JobRegistry jobs;
    private static final Scripted WORK = new Scripted();

    record Payload(String name) {}

    /** Fails with what it is told to, as long as it is told to. */
    private static final class Scripted implements JobExecution<Payload> {
        volatile HoldfastException failure;
        volatile HoldfastException revertFailure;
        volatile int reverted;

        @Override
        public Class<Payload> payloadType() {
            return Payload.class;
        }

        @Override
        public JobResult run(Payload payload, JobContext context) {
            if (failure != null) {
                throw failure;
            }
            return new JobResult(1, 2, 3, List.of());
        }

        @Override
        public void revert(Payload payload, JobContext context) {
            if (revertFailure != null) {
                throw revertFailure;
            }
            reverted++;
        }

        @Override
        public JobState whenRetriesAreExhausted() {
            return JobState.PAUSED;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.start(18);
        directory = Files.createTempDirectory("holdfast-jobs-");
        system = SystemDatabase.open(postgres.upstream());
        var node = Node.register(system, UUID.randomUUID(), "");
        jobs = JobRegistry.start(
                system,
                Sealer.open(directory.resolve("key"), new SecureRandom()),
                node,
                new UniqueIds(Clock.systemUTC(), node.id()),
                Map.of(JobType.RESTORE, WORK));
    }

    @AfterAll
    static void stop() throws Exception {
        jobs.close();
        system.close();
        postgres.close();
        Directories.deleteRecursively(directory);
    }

    @BeforeEach
    void willSucceed() {
        WORK.failure = null;
        WORK.revertFailure = null;
        WORK.reverted = 0;
    }

    private static JobId create(JobType type) throws SQLException {
        return jobs.create(new NewJob(type, "test", "me", new Payload("x"), Optional.empty(), Optional.empty()));
    }

    private static JobResult await(JobId job) throws SQLException, InterruptedException {
        return jobs.await(job, row -> {});
    }

    private static JobState state(JobId job) throws SQLException {
        return jobs.rows(List.of(job)).getFirst().state();
    }

    @Test
    void aFullDiskPausesARestoreAndResumeGoesOn() throws Exception {
        WORK.failure = HoldfastException.of(SqlState.DISK_FULL, "could not extend file: No space left on device");
        var job = create(JobType.RESTORE);
        assertThatThrownBy(() -> await(job))
                .hasMessage("job " + job + " was paused before it completed with reason: could not extend file: No space left on device");
        assertThat(state(job)).isEqualTo(JobState.PAUSED);
        assertThat(jobs.paused(JobType.RESTORE)).isEqualTo(1);
        WORK.failure = null;
        jobs.request(List.of(job), new JobRequest.Resume());
        assertThat(await(job).rows()).isEqualTo(1);
        assertThat(WORK.reverted).isZero();
    }

    @Test
    void retriesThatAreExhaustedPauseARestoreAndResumeGoesOn() throws Exception {
        WORK.failure = HoldfastException.of(SqlState.IO_ERROR, "the storage does not answer");
        long retries = jobs.counters().of(JobType.RESTORE, Outcome.RESUME_RETRY_ERROR);
        var job = create(JobType.RESTORE);
        assertThatThrownBy(() -> await(job)).hasMessageContaining("with reason: exhausted retries: the storage does not answer");
        assertThat(jobs.counters().of(JobType.RESTORE, Outcome.RESUME_RETRY_ERROR)).isEqualTo(retries + 5);
        assertThat(jobs.rows(List.of(job)).getFirst().executionErrors()).containsExactly("exhausted retries: the storage does not answer");
        WORK.failure = null;
        jobs.request(List.of(job), new JobRequest.Resume());
        assertThat(await(job).rows()).isEqualTo(1);
    }

    @Test
    void aPausedRestoreCanBeCancelled() throws Exception {
        WORK.failure = HoldfastException.of(SqlState.DISK_FULL, "full");
        var job = create(JobType.RESTORE);
        assertThatThrownBy(() -> await(job)).hasMessageContaining("was paused");
        jobs.request(List.of(job), new JobRequest.Cancel());
        assertThatThrownBy(() -> await(job)).hasMessage("job canceled by user");
        assertThat(state(job)).isEqualTo(JobState.CANCELED);
        assertThat(WORK.reverted).isEqualTo(1);
    }

    /** Whoever waits learns of the failure although the leftovers cannot be removed yet; they are, later. */
    @Test
    void leftoversThatCannotBeRemovedKeepNobodyWaiting() throws Exception {
        WORK.failure = HoldfastException.of(SqlState.DATA_CORRUPTED, "damaged");
        WORK.revertFailure = HoldfastException.of(SqlState.UNCATEGORIZED, "the storage refuses to delete");
        var job = create(JobType.RESTORE);
        assertThatThrownBy(() -> await(job))
                .isInstanceOfSatisfying(HoldfastException.class, e -> {
                    assertThat(e).hasMessage("damaged");
                    assertThat(e.detail()).hasValueSatisfying(detail -> assertThat(detail).endsWith("the storage refuses to delete"));
                });
        assertThat(state(job)).isEqualTo(JobState.REVERTING);
        WORK.revertFailure = null;
        try (var connection = system.connection()) {
            Sql.update(connection, "update public.jobs set next_run = null where id = ?", job.value());
        }
        assertThatThrownBy(() -> await(job)).hasMessage("damaged");
        while (!state(job).isTerminal()) {
            Thread.sleep(20);
        }
        assertThat(state(job)).isEqualTo(JobState.FAILED);
        assertThat(WORK.reverted).isEqualTo(1);
    }

    @Test
    void rowsThatCannotBeReadHinderNoOther() throws Exception {
        // Of a kind that this node does not know how to do, and with a payload that its key does not open.
        var foreign = create(JobType.BACKUP);
        var broken = create(JobType.RESTORE);
        try (var connection = system.connection()) {
            Sql.update(connection, "update public.jobs set payload = 'nonsense' where id = ?", broken.value());
        }
        assertThat(await(create(JobType.RESTORE)).rows()).isEqualTo(1);
        assertThat(state(foreign)).isEqualTo(JobState.PENDING);
        jobs.request(List.of(foreign), new JobRequest.Pause(Optional.of("nobody does it")));
        while (state(foreign) != JobState.PAUSED) {
            Thread.sleep(20);
        }
    }
}
