package dev.holdfast.server.start;

import dev.holdfast.engine.error.HoldfastException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "start", mixinStandardHelpOptions = true, description = "Runs the server until it is stopped by SIGTERM or Ctrl-C.")
final class StartCommand implements Callable<Integer> {
    @Option(names = "--store", paramLabel = "DIR", description = "directory of this node's own (default: holdfast-data)")
    private String store;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "where clients connect (default: 127.0.0.1:26257)")
    private String listen;

    @Option(names = "--http", paramLabel = "HOST:PORT", description = "metrics and health (default: 127.0.0.1:8080)")
    private String http;

    @Option(names = "--upstream", paramLabel = "URI", description = "an external PostgreSQL 15 to 18 instead of the embedded one")
    private String upstream;

    @Option(names = "--locality", paramLabel = "K=V[,K=V]", description = "tiers of this node, for example region=us-west,az=a")
    private String locality;

    @Option(names = "--external-io-dir", paramLabel = "DIR", description = "root of nodelocal storage, or disabled (default: STORE/extern)")
    private String externalIoDir;

    @Option(names = "--external-io-disable-http", description = "no http(s) storage and no endpoints of one's own")
    private boolean externalIoDisableHttp;

    @Option(names = "--external-io-disable-implicit-credentials", description = "no AUTH=implicit in URIs of storage and KMS")
    private boolean externalIoDisableImplicitCredentials;

    @Option(names = "--external-io-write-once", description = "change and remove nothing in storage, as if every object were locked")
    private boolean externalIoWriteOnce;

    @Option(names = "--insecure", description = "trust clients of this machine and listen to no others")
    private boolean insecure;

    @Option(names = "--conf", paramLabel = "FILE", description = "configuration file; conf/holdfast.conf shows all there is")
    private Path conf;

    @Override
    public Integer call() throws Exception {
        var options = Options.load(Optional.ofNullable(conf), overrides());
        System.setProperty("holdfast.logs", options.store().resolve("logs").toString());
        var server = new HoldfastServer(options);
        var stopping = new AtomicBoolean();
        var stopped = new CountDownLatch(1);
        Runnable stop = () -> stop(server, stopping, stopped);
        ProcessSignals.on("TERM", stop);
        ProcessSignals.on("INT", stop);
        ProcessSignals.on("HUP", () -> reload(server));
        server.start();
        var address = server.address();
        System.out.println("holdfast: ready on " + address.getHostString() + ":" + address.getPort());
        System.out.flush();
        stopped.await();
        return 0;
    }

    /** The first signal lets transactions end, the second one does not wait for anything. */
    private static void stop(HoldfastServer server, AtomicBoolean stopping, CountDownLatch stopped) {
        if (!stopping.compareAndSet(false, true)) {
            server.kill();
            Runtime.getRuntime().halt(1);
        }
        try {
            server.drain();
            server.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopped.countDown();
        }
    }

    private static void reload(HoldfastServer server) {
        // Not before the log's place is known.
        Logger log = LoggerFactory.getLogger(StartCommand.class);
        try {
            server.reloadCertificates();
            log.info("certificates reloaded");
        } catch (HoldfastException e) {
            log.warn("certificates not reloaded: {}", e.getMessage());
        }
    }

    private Map<String, String> overrides() {
        var overrides = new HashMap<String, String>();
        put(overrides, "store", store);
        put(overrides, "listen", listen);
        put(overrides, "http", http);
        put(overrides, "upstream", upstream);
        put(overrides, "locality", locality);
        put(overrides, "external-io-dir", externalIoDir);
        if (externalIoDisableHttp) {
            overrides.put("external-io.disable-http", "true");
        }
        if (externalIoDisableImplicitCredentials) {
            overrides.put("external-io.disable-implicit-credentials", "true");
        }
        if (externalIoWriteOnce) {
            overrides.put("external-io.write-once", "true");
        }
        if (insecure) {
            overrides.put("insecure", "true");
        }
        return overrides;
    }

    private static void put(Map<String, String> overrides, String key, String value) {
        if (value != null) {
            overrides.put(key, value);
        }
    }
}
