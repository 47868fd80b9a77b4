package dev.holdfast.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.support.Project;
import dev.holdfast.it.support.TestHoldfast;
import dev.holdfast.it.support.TestHoldfast.Outcome;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What keeps Holdfast from starting is said in one line, which also says what to do, and the exit code tells it too. */
class StartupErrorsIT {
    private Path directory;

    @BeforeEach
    void create() throws Exception {
        directory = Files.createTempDirectory("holdfast-startup-");
    }

    @AfterEach
    void remove() throws Exception {
        Directories.deleteRecursively(directory);
    }

    private Outcome start(String... more) throws Exception {
        var arguments = new ArrayList<>(List.of("start", "--insecure", "--store", directory.resolve("store").toString()));
        if (!List.of(more).contains("--listen")) {
            arguments.addAll(List.of("--listen", "127.0.0.1:0"));
        }
        arguments.addAll(List.of(more));
        return TestHoldfast.run(arguments);
    }

    private static void assertOneLine(Outcome outcome, String pattern) {
        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.output()).doesNotContain("ready");
        assertThat(outcome.errors().strip().lines()).singleElement().asString().matches(pattern);
    }

    @Test
    void thePortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertOneLine(
                    start("--listen", "127.0.0.1:" + port),
                    "holdfast: cannot listen on 127.0.0.1:" + port + ": .*; choose another address with --listen HOST:PORT");
            assertOneLine(
                    start("--http", "127.0.0.1:" + port),
                    "holdfast: cannot listen on 127.0.0.1:" + port + ": .*; choose another address with --http HOST:PORT");
        }
    }

    @Test
    void theStoreIsInUse() throws Exception {
        try (var running = TestHoldfast.start()) {
            assertOneLine(
                    TestHoldfast.run(List.of("start", "--insecure", "--listen", "127.0.0.1:0", "--store", running.store().toString())),
                    "holdfast: store .* is in use by process " + running.pid() + "; stop that one, or choose another directory with --store");
        }
    }

    @Test
    void theUpstreamCannotBeReached() throws Exception {
        int free;
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        var outcome = start("--upstream", "postgresql://me:s3cret@127.0.0.1:" + free + "/db?sslmode=disable");
        assertOneLine(outcome, "holdfast: cannot connect to the upstream PostgreSQL postgresql://.*; check --upstream, and that it is running");
        assertThat(outcome.errors()).doesNotContain("s3cret");
        assertOneLine(start("--upstream", "mysql://127.0.0.1/db"), "holdfast: .*postgresql://.*");
    }

    @Test
    void whatTheCommandLineSaysIsWrong() throws Exception {
        assertOneLine(start("--listen", "0.0.0.0:0"), "holdfast: --insecure lets everybody in, so it listens on loopback only; .*");
        assertOneLine(start("--listen", "nonsense"), "holdfast: \"nonsense\" is not of the form HOST:PORT");
        assertOneLine(start("--conf", directory.resolve("none").toString()), "holdfast: configuration file .* cannot be read");
        var conf = Files.writeString(directory.resolve("conf"), "listne = \"127.0.0.1:1\"\n");
        assertOneLine(start("--conf", conf.toString()), "holdfast: unknown configuration key listne");
        var unknown = start("--no-such-flag");
        assertThat(unknown.exitCode()).isNotZero();
        assertThat(unknown.errors().lines().findFirst()).hasValueSatisfying(line -> assertThat(line).contains("--no-such-flag"));
    }

    @Test
    void theStoreIsNoDirectory() throws Exception {
        Files.writeString(directory.resolve("store"), "a file");
        assertOneLine(start(), "holdfast: .*store.*");
    }

    /** The launcher without the places where it would find a JDK; an older Java on the PATH is no help either. */
    @Test
    void thereIsNoJdk() throws Exception {
        var launcher = directory.resolve("holdfast");
        Files.writeString(
                launcher,
                Files.readString(Project.root().resolve("holdfast"))
                        .replace("/usr/lib/jvm", "/nowhere")
                        .replace("/Library/", "/nowhere/")
                        .replace("/opt/homebrew/", "/nowhere/")
                        .replace("/usr/local/opt/", "/nowhere/"));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(directory.resolve("lib"));
        var tools = Files.createDirectories(directory.resolve("tools"));
        for (var tool : List.of("bash", "env", "dirname", "sed", "head", "mktemp")) {
            for (var folder : List.of("/bin", "/usr/bin")) {
                if (Files.exists(Path.of(folder, tool)) && !Files.exists(tools.resolve(tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), Path.of(folder, tool));
                }
            }
        }
        var old = Files.writeString(tools.resolve("java"), "#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
        var errors = directory.resolve("errors");
        var builder = new ProcessBuilder(launcher.toString(), "start").redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.equals("JAVA_HOME") || name.equals("SDKMAN_DIR"));
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("HOME", directory.toString());
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes());
        assertOneLine(
                new Outcome(process.waitFor(), output, Files.readString(errors)),
                "holdfast: needs Java 25 or newer; set JAVA_HOME, or install one .*");
    }
}
