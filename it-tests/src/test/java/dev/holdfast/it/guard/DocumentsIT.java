package dev.holdfast.it.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.holdfast.it.support.Project;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.w3c.dom.Element;

/** What the documents and the configuration file say is what the code does. */
class DocumentsIT {
    private static String read(String file) throws IOException {
        return Files.readString(Project.root().resolve(file));
    }

    // ---- configuration ----

    /** The file that ships is the one that the defaults come from, and every key in it is read. */
    @Test
    void theConfigurationFileHoldsExactlyTheSettingsThereAre() throws Exception {
        try (var onClassPath = getClass().getResourceAsStream("/holdfast.conf")) {
            assertThat(new String(onClassPath.readAllBytes())).isEqualTo(read("conf/holdfast.conf"));
        }
        var written = new TreeSet<>(ConfigFactory.parseString(read("conf/holdfast.conf")).root().keySet());
        var paths = new TreeSet<String>();
        for (var key : written) {
            var value = ConfigFactory.parseString(read("conf/holdfast.conf")).root().get(key);
            if (value instanceof com.typesafe.config.ConfigObject group) {
                group.keySet().forEach(inner -> paths.add(key + "." + inner));
            } else {
                paths.add(key);
            }
        }
        var used = new TreeSet<String>();
        var matcher = Pattern.compile("\\bconfig\\.get\\w+\\(\"([\\w.-]+)\"\\)")
                .matcher(read("server/src/main/java/dev/holdfast/server/start/Options.java"));
        while (matcher.find()) {
            used.add(matcher.group(1));
        }
        assertThat(paths).isEqualTo(used);
    }

    @Test
    void theHelpStatesTheSameDefaults() throws Exception {
        var conf = ConfigFactory.parseString(read("conf/holdfast.conf"));
        var help = TestHoldfast.run(List.of("start", "--help"));
        assertThat(help.exitCode()).isZero();
        var text = help.output().replaceAll("\\s+", " ");
        for (var flag : List.of("store", "listen", "http")) {
            assertThat(text).containsPattern("--" + flag + "=[^-]*\\(default: " + Pattern.quote(conf.getString(flag)) + "\\)");
        }
        for (var comment : read("conf/holdfast.conf").split("\n")) {
            var flag = Pattern.compile("\\((--[a-z-]+)\\)").matcher(comment);
            if (flag.find()) {
                assertThat(text).contains(flag.group(1));
            }
        }
    }

    // ---- dependencies ----

    @Test
    void everyDependencyHasAReason() throws Exception {
        var architecture = read("docs/ARCHITECTURE.md");
        var table = architecture.substring(architecture.indexOf("## Dependencies"));
        var reasons = new ArrayList<String>();
        var quoted = Pattern.compile("`([^`]+)`").matcher(table);
        while (quoted.find()) {
            reasons.add(quoted.group(1));
        }
        var artifacts = artifacts();
        assertThat(artifacts).hasSizeGreaterThan(15);
        for (var artifact : artifacts) {
            assertThat(reasons).as(artifact).anyMatch(reason -> names(reason, artifact));
        }
        // Nor is there a reason for something that is gone.
        assertThat(reasons).allMatch(reason -> artifacts.stream().anyMatch(artifact -> names(reason, artifact)));
    }

    /** {@code netty-transport-...} stands for all that begin like it. */
    private static boolean names(String reason, String artifact) {
        return reason.endsWith("...") ? artifact.startsWith(reason.substring(0, reason.length() - 3)) : artifact.equals(reason);
    }

    private static TreeSet<String> artifacts() throws Exception {
        var artifacts = new TreeSet<String>();
        for (var module : List.of("engine", "sqlfront", "server", "it-tests")) {
            var pom = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(Project.root().resolve(module).resolve("pom.xml").toFile());
            var dependencies = pom.getElementsByTagName("dependency");
            for (int i = 0; i < dependencies.getLength(); i++) {
                var dependency = (Element) dependencies.item(i);
                var artifact = dependency.getElementsByTagName("artifactId").item(0).getTextContent();
                if (!artifact.startsWith("holdfast-")) {
                    artifacts.add(artifact);
                }
            }
        }
        return artifacts;
    }

    // ---- README ----

    /** The first command of README.md, of the distribution that this build has made. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void theDemoRuns() throws Exception {
        assertThat(read("README.md")).contains("./holdfast demo");
        var launcher = Project.root().resolve(Path.of("server", "target", "holdfast-0.1.0", "holdfast"));
        var errors = Files.createTempFile("demo", ".err");
        try {
            var builder = new ProcessBuilder(launcher.toString(), "demo").redirectError(errors.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
            var process = builder.start();
            process.getOutputStream().close();
            var output = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor()).as(output + Files.readString(errors)).isZero();
            assertThat(output).contains("BACKUP", "SHOW BACKUPS IN", "DROP TABLE", "RESTORE TABLE", "new_db_name", "SHOW JOBS", "succeeded");
            assertThat(Files.readString(errors)).isEmpty();
            // What it has made is gone with it.
            var store = Pattern.compile("PostgreSQL in (\\S+)").matcher(output);
            assertThat(store.find()).isTrue();
            assertThat(Path.of(store.group(1))).doesNotExist();
        } finally {
            Files.delete(errors);
        }
    }

    /** Metrics that docs/OPERATIONS.md names, after the statements of README.md, which are executed as they stand there. */
    @Test
    void theStatementsOfTheReadmeWorkAndAreCounted() throws Exception {
        var block = Pattern.compile("```sql\\n(.*?)```", Pattern.DOTALL).matcher(read("README.md"));
        try (var holdfast = TestHoldfast.start();
                var connection = holdfast.connect("defaultdb")) {
            Sessions.execute(connection, "create database bank");
            try (var bank = holdfast.connect("bank")) {
                Sessions.execute(
                        bank,
                        "create table accounts (id int primary key)",
                        "create table transfers (id int primary key, account int references accounts)",
                        "insert into accounts select generate_series(1, 10)",
                        "insert into transfers select i, i from generate_series(1, 10) i");
                int statements = 0;
                while (block.find()) {
                    // Times that lie behind every reader are none that a database of a moment's age has seen.
                    Thread.sleep(1500);
                    var past = Sessions.one(bank, "select clock_timestamp()");
                    Sessions.execute(bank, "insert into transfers values (" + (100 + statements) + ", 1)");
                    for (var statement : block.group(1).split("\n")) {
                        Sessions.execute(bank, statement.replaceAll("AS OF SYSTEM TIME '[^']+'", "AS OF SYSTEM TIME '" + past + "'"));
                        statements++;
                    }
                    Sessions.execute(bank, "delete from transfers where id >= 100");
                }
                assertThat(statements).isGreaterThanOrEqualTo(11);
                assertThat(Sessions.one(bank, "select count(*) from transfers")).isEqualTo("10");
            }
            try (var copy = holdfast.connect("bank_copy");
                    var before = holdfast.connect("bank_before");
                    var bank = holdfast.connect("bank")) {
                assertThat(Sessions.one(copy, "select count(*) from transfers")).isEqualTo("11");
                assertThat(Sessions.one(before, "select count(*) from transfers")).isEqualTo("10");
                assertThat(Sessions.one(bank, "select count(*) from transfers_before")).isEqualTo("10");
            }
            var metrics = metrics(holdfast);
            var name = Pattern.compile("`((?:sql|jobs|relay|history)_\\w+?)_?`").matcher(read("docs/OPERATIONS.md"));
            while (name.find()) {
                assertThat(metrics).contains("\n" + name.group(1));
            }
            assertThat(metrics)
                    .containsPattern("\njobs_backup_resume_completed\\{node_id=\"1\"\\} 3\\.0\n")
                    .containsPattern("\njobs_restore_resume_completed\\{node_id=\"1\"\\} 4\\.0\n")
                    .containsPattern("\njobs_restore_currently_paused\\{node_id=\"1\"\\} 0\\.0\n");
        }
    }

    private static String metrics(TestHoldfast holdfast) throws Exception {
        var log = Files.readString(holdfast.store().resolve("logs").resolve("holdfast.log"));
        var address = Pattern.compile("metrics are at (http://\\S+)").matcher(log);
        assertThat(address.find()).isTrue();
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(address.group(1).replace("localhost", "127.0.0.1"))).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
