package dev.holdfast.it.bench;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The physical one, with the repository in a directory and no archive of WAL. */
record PgBackRest(List<String> common, Path scratch, Path repository) {
    static Optional<PgBackRest> find(TestPostgres postgres, Path scratch) throws Exception {
        var program = Path.of("/usr/bin/pgbackrest");
        if (!Files.isExecutable(program)) {
            System.out.println("pgbackrest is not installed: left out");
            return Optional.empty();
        }
        String data;
        try (var connection = postgres.upstream().connect("postgres", "bench")) {
            data = Sessions.one(connection, "show data_directory");
        }
        var repository = scratch.resolve("pgbackrest");
        var rest = new PgBackRest(
                List.of(
                        program.toString(),
                        "--stanza=bench",
                        "--no-config",
                        "--repo1-path=" + repository,
                        "--pg1-path=" + data,
                        "--pg1-port=" + postgres.port(),
                        "--pg1-socket-path=" + postgres.socketDirectory(),
                        "--pg1-user=postgres",
                        "--lock-path=" + scratch.resolve("lock"),
                        "--log-path=" + scratch,
                        "--log-level-file=off",
                        "--log-level-console=warn"),
                scratch,
                repository);
        rest.clear();
        return Optional.of(rest);
    }

    private List<String> command(String name, String... more) {
        var command = new ArrayList<>(common);
        command.addAll(List.of(more));
        command.add(name);
        return command;
    }

    /** Returns the CPU seconds used, as {@link #incremental}. */
    double full() throws Exception {
        return backup("full");
    }

    /** On the newest one that there is. */
    double incremental() throws Exception {
        return backup("incr");
    }

    private double backup(String type) throws Exception {
        return Programs.run(
                scratch,
                command("backup", "--type=" + type, "--process-max=2", "--no-archive-check", "--start-fast", "--repo1-retention-full=1"));
    }

    void clear() throws Exception {
        Directories.deleteRecursively(repository);
        Programs.run(scratch, command("stanza-create"));
    }
}
