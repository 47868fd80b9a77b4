package dev.holdfast.server.start;

import dev.holdfast.engine.backup.BackupJob;
import dev.holdfast.engine.backup.HistoryExport;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.crypto.KeyReferences;
import dev.holdfast.engine.crypto.Sealer;
import dev.holdfast.engine.crypto.kms.AwsKmsProvider;
import dev.holdfast.engine.crypto.kms.AzureKmsProvider;
import dev.holdfast.engine.crypto.kms.GoogleKmsProvider;
import dev.holdfast.engine.crypto.kms.KeyServices;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.History;
import dev.holdfast.engine.job.JobRegistry;
import dev.holdfast.engine.job.JobType;
import dev.holdfast.engine.job.UniqueIds;
import dev.holdfast.engine.restore.RestoreJob;
import dev.holdfast.engine.storage.StorageKind;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.engine.storage.azure.AzureProvider;
import dev.holdfast.engine.storage.gs.GsProvider;
import dev.holdfast.engine.storage.http.HttpProvider;
import dev.holdfast.engine.storage.nodelocal.NodeLocalProvider;
import dev.holdfast.engine.storage.s3.S3Provider;
import dev.holdfast.engine.storage.userfile.UserFileProvider;
import dev.holdfast.engine.system.ClientSessionTable;
import dev.holdfast.engine.system.ExternalConnections;
import dev.holdfast.engine.system.Node;
import dev.holdfast.engine.system.Settings;
import dev.holdfast.engine.system.StorageSettings;
import dev.holdfast.engine.system.SystemDatabase;
import dev.holdfast.server.http.StatusServer;
import dev.holdfast.server.login.Verifiers;
import dev.holdfast.server.metrics.HistoryMeter;
import dev.holdfast.server.metrics.JobMeter;
import dev.holdfast.server.metrics.RelayMeter;
import dev.holdfast.server.net.Transport;
import dev.holdfast.server.net.UpstreamDialer;
import dev.holdfast.server.net.WireServer;
import dev.holdfast.server.session.ClientConnections;
import dev.holdfast.server.session.TrustPolicy;
import dev.holdfast.server.tls.ClientTls;
import dev.holdfast.server.tls.RoleCertificates;
import dev.holdfast.sqlfront.SqlFront;
import dev.holdfast.sqlfront.execute.Executors;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running Holdfast: everything is put together here, and taken down in the opposite order. */
public final class HoldfastServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HoldfastServer.class);

    private final Options options;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private InetSocketAddress address;
    private volatile UpstreamServer upstreamServer;
    private ClientConnections clients;
    private Optional<ClientTls> clientTls = Optional.empty();

    public HoldfastServer(Options options) {
        this.options = options;
    }

    /** Returns when clients can connect. A {@link #close} from another thread waits for it, and then takes all down. */
    public synchronized void start() throws IOException, SQLException, InterruptedException {
        try {
            build();
        } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void build() throws IOException, SQLException, InterruptedException {
        checkAddress(options);
        var random = new SecureRandom();
        var store = add(Store.open(options.store(), random));
        var roles = options.upstream().isPresent()
                ? Optional.<RoleCertificates>empty()
                : Optional.of(RoleCertificates.open(store.roleCertificates(), random));
        upstreamServer = add(
                options.upstream().isPresent()
                        ? UpstreamServer.external(options.upstream().get())
                        : UpstreamServer.embedded(store, options, roles.orElseThrow()));
        Upstream upstream = upstreamServer.upstream();
        var system = add(SystemDatabase.open(upstream));
        var node = Node.register(system, store.id(), options.locality());
        var ids = new UniqueIds(Clock.systemUTC(), node.id());
        var sealer = Sealer.open(store.keys().resolve("seal.key"), random);
        var settings = new Settings(system, sealer);
        var connections = new ExternalConnections(system, sealer);
        var storages = storages(options, store, node, upstream, new StorageSettings(settings), connections);
        var keyServices = keyServices(options, new StorageSettings(settings), connections);
        var keys = new BackupKeys(keyServices, random);
        // On somebody else's PostgreSQL nothing is kept that nobody has asked for.
        var history = add(History.start(system, settings, options.upstream().isEmpty()));
        int dataConnections = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
        var jobs = add(JobRegistry.start(
                system,
                sealer,
                node,
                ids,
                Map.of(
                        JobType.BACKUP, new BackupJob(
                                system, storages, settings, keys, history, store.temporary(), Clock.systemUTC(), dataConnections),
                        JobType.RESTORE, new RestoreJob(
                                storages,
                                keys,
                                new HistoryExport(system, settings, history, store.temporary(), dataConnections),
                                dataConnections))));
        var sqlFront = new SqlFront(new Executors(
                jobs,
                storages,
                settings,
                upstream,
                history,
                keys,
                new KeyReferences(options.keyDirectories(), options.keyVariables(), System.getenv()),
                keyServices,
                connections));
        var transport = Transport.best();
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        JobMeter.register(metrics, jobs, node.id());
        var historyMeter = HistoryMeter.register(metrics, history, node.id());
        clientTls = options.insecure() ? Optional.empty() : Optional.of(clientTls(store, random));
        clients = new ClientConnections(
                sqlFront,
                new UpstreamDialer(transport, upstream.uri(), upstreamServer.socketFile(), options.insecure() ? Optional.empty() : roles),
                () -> clientTls.map(ClientTls::context),
                trust(options),
                new Verifiers(system, random),
                options.roleSecrets(),
                options.limits(),
                options.proxySenders().stream().map(HoldfastServer::subnet).toList(),
                new RelayMeter(metrics),
                new SessionJournal(add(ClientSessionTable.open(system, node))),
                history::makeWay);
        var status = add(listenForStatus(() -> {
            historyMeter.refresh();
            return metrics.scrape();
        }));
        LOG.info("metrics are at http://{}:{}/_status/vars", status.address().getHostString(), status.address().getPort());
        int threads = options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        var wire = add(WireServer.listen(transport, options.listen(), threads, clients));
        address = wire.address();
        LOG.info("node {} is ready on {}", node.id(), address);
    }

    private <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    private ClientTls clientTls(Store store, SecureRandom random) throws IOException {
        return options.tlsCertificate().isPresent()
                ? ClientTls.configured(options.tlsCertificate().get(), options.tlsKey(), options.tlsClientAuthorities())
                : ClientTls.generated(
                        store.certificates(), options.listen().getHostString(), options.tlsClientAuthorities(), random);
    }

    /** The default port is often somebody else's: then any free one will do. */
    private StatusServer listenForStatus(Supplier<String> metrics) throws IOException {
        try {
            return StatusServer.listen(options.http(), metrics);
        } catch (IOException e) {
            if (!options.httpIsDefault()) {
                throw cannotListen(options.http(), "--http", e);
            }
            return StatusServer.listen(new InetSocketAddress(options.http().getAddress(), 0), metrics);
        }
    }

    private static IpSubnetFilterRule subnet(String cidr) {
        int slash = cidr.indexOf('/');
        try {
            return new IpSubnetFilterRule(
                    cidr.substring(0, slash), Integer.parseInt(cidr.substring(slash + 1)), IpFilterRuleType.ACCEPT);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE, "proxy-protocol.senders: \"" + cidr + "\" is not of the form ADDRESS/BITS");
        }
    }

    private static Storages storages(
            Options options, Store store, Node node, Upstream upstream, StorageSettings settings, ExternalConnections connections)
            throws IOException {
        var policy = options.externalIo();
        return new Storages(
                Map.of(
                        StorageKind.NODELOCAL, nodeLocal(options, store, node),
                        StorageKind.USERFILE, new UserFileProvider(upstream),
                        StorageKind.S3, new S3Provider(policy, settings),
                        StorageKind.GS, new GsProvider(policy, settings, options.cloudEndpoints(), System.getenv()),
                        StorageKind.AZURE, new AzureProvider(policy, settings, options.cloudEndpoints(), System.getenv()),
                        StorageKind.HTTP, new HttpProvider(policy, settings, System.getenv())),
                policy,
                settings,
                connections);
    }

    private static KeyServices keyServices(Options options, StorageSettings settings, ExternalConnections connections) {
        var aws = new AwsKmsProvider(options.externalIo(), settings);
        var google = new GoogleKmsProvider(options.externalIo(), settings, options.cloudEndpoints(), System.getenv());
        var azure = new AzureKmsProvider(options.externalIo(), settings, options.cloudEndpoints(), System.getenv());
        return new KeyServices(
                Map.of("aws", aws, "aws-kms", aws, "gs", google, "gcp-kms", google, "azure-kms", azure), name -> connections.uri(name, ExternalConnections.Type.KMS));
    }

    private static NodeLocalProvider nodeLocal(Options options, Store store, Node node) throws IOException {
        return options.externalIoDisabled()
                ? NodeLocalProvider.disabled(node.id())
                : NodeLocalProvider.open(options.externalIoDirectory().orElse(store.extern()), node.id());
    }

    private static TrustPolicy trust(Options options) {
        if (options.trustUpstream()) {
            return TrustPolicy.EVERYBODY;
        }
        return options.insecure() ? TrustPolicy.LOOPBACK : TrustPolicy.NOBODY;
    }

    /** Before anything is started: what cannot be listened on is known in a moment. */
    private static void checkAddress(Options options) {
        var listen = options.listen();
        var text = listen.getHostString() + ":" + listen.getPort();
        if (listen.isUnresolved()) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "cannot listen on " + text + ": unknown host");
        }
        if (options.insecure() && !listen.getAddress().isLoopbackAddress()) {
            throw HoldfastException.of(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "--insecure lets everybody in, so it listens on loopback only; " + text + " is not");
        }
        requireFree(listen, "--listen");
        if (!options.httpIsDefault()) {
            requireFree(options.http(), "--http");
        }
    }

    private static void requireFree(InetSocketAddress address, String flag) {
        if (address.getPort() == 0) {
            return;
        }
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            throw cannotListen(address, flag, e);
        }
    }

    private static HoldfastException cannotListen(InetSocketAddress address, String flag, IOException e) {
        return HoldfastException.of(
                SqlState.CANNOT_CONNECT,
                "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage()
                        + "; choose another address with " + flag + " HOST:PORT",
                e);
    }

    /** Uses the certificate files as they are now; what is wrong with them is said, and the old ones stay. */
    public synchronized void reloadCertificates() {
        clientTls.ifPresent(ClientTls::reload);
    }

    /** Lets sessions come to an end: see {@link ClientConnections#drain}. */
    public void drain() throws InterruptedException {
        ClientConnections draining;
        synchronized (this) {
            draining = clients;
        }
        if (draining != null) {
            draining.drain(options.drainTimeout());
        }
    }

    /** For a process that ends at this moment: nothing of it may go on running. Does not wait for a {@link #close} under way. */
    public void kill() {
        var server = upstreamServer;
        if (server != null) {
            server.kill();
        }
    }

    public synchronized InetSocketAddress address() {
        return address;
    }

    /** May be called more than once. */
    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            var part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                // The others have to be closed all the same.
                LOG.warn("while stopping: {}", e.toString(), e);
            }
        }
    }
}
