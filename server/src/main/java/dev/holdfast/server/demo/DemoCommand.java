package dev.holdfast.server.demo;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.server.start.HoldfastServer;
import dev.holdfast.server.start.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Shows a backup, a disaster and a restore, on an embedded PostgreSQL in a temporary directory.")
public final class DemoCommand implements Callable<Integer> {
    @CommandLine.Option(names = "--keep", description = "goes on serving afterwards, and says how to connect")
    private boolean keep;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var out = spec.commandLine().getOut();
        var directory = Files.createTempDirectory("holdfast-demo-");
        System.setProperty("holdfast.logs", directory.resolve("logs").toString());
        var server = new HoldfastServer(Options.load(
                Optional.empty(), Map.of("store", directory.toString(), "listen", "127.0.0.1:0", "insecure", "true")));
        // However the demo ends, Ctrl-C in the middle included, nothing stays behind.
        Runtime.getRuntime().addShutdownHook(new Thread(
                () -> {
                    server.close();
                    delete(directory);
                },
                "clean-up"));
        out.println("Starting Holdfast with an embedded PostgreSQL in " + directory + " ...");
        out.flush();
        server.start();
        int port = server.address().getPort();
        new Tour("127.0.0.1", port, out).run();
        if (keep) {
            out.println();
            out.println("Still serving; Ctrl-C ends it and removes everything. Connect with:");
            out.println();
            out.println("    psql \"postgresql://root@127.0.0.1:" + port + "/bank\"");
            out.flush();
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private static void delete(Path directory) {
        try {
            Directories.deleteRecursively(directory);
        } catch (IOException e) {
            System.err.println("holdfast: " + directory + " could not be removed: " + e.getMessage());
        }
    }
}
