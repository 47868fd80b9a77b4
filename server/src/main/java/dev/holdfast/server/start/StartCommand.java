package dev.holdfast.server.start;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "start", mixinStandardHelpOptions = true, description = "Runs the server until it is stopped by SIGTERM or Ctrl-C.")
final class StartCommand implements Callable<Integer> {
    @Option(names = "--store", paramLabel = "DIR", description = "directory of this node's own (default: holdfast-data)")
    private String store;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "where clients connect (default: 127.0.0.1:26257)")
    private String listen;

    @Option(names = "--upstream", paramLabel = "URI", description = "an external PostgreSQL 15 to 18 instead of the embedded one")
    private String upstream;

    @Option(names = "--locality", paramLabel = "K=V[,K=V]", description = "tiers of this node, for example region=us-west,az=a")
    private String locality;

    @Option(names = "--external-io-dir", paramLabel = "DIR", description = "root of nodelocal storage, or disabled (default: STORE/extern)")
    private String externalIoDir;

    @Option(names = "--insecure", description = "trust clients of this machine and listen to no others")
    private boolean insecure;

    @Option(names = "--conf", paramLabel = "FILE", description = "configuration file; conf/holdfast.conf shows all there is")
    private Path conf;

    @Override
    public Integer call() throws Exception {
        var options = Options.load(Optional.ofNullable(conf), overrides());
        System.setProperty("holdfast.logs", options.store().resolve("logs").toString());
        var server = new HoldfastServer(options);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        server.start();
        var address = server.address();
        System.out.println("holdfast: ready on " + address.getHostString() + ":" + address.getPort());
        System.out.flush();
        // Only a signal ends it.
        new CountDownLatch(1).await();
        return 0;
    }

    private Map<String, String> overrides() {
        var overrides = new HashMap<String, String>();
        put(overrides, "store", store);
        put(overrides, "listen", listen);
        put(overrides, "upstream", upstream);
        put(overrides, "locality", locality);
        put(overrides, "external-io-dir", externalIoDir);
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
