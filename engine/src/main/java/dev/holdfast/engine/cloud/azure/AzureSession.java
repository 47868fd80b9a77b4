package dev.holdfast.engine.cloud.azure;

import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.util.Configuration;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.CloudSettings;
import dev.holdfast.engine.storage.http.Authorities;
import dev.holdfast.engine.storage.http.EnvironmentProxies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What all clients of Azure's SDK have in common: the JDK's HTTP, time limits, whom to trust, and who they are. */
public final class AzureSession {
    /** Names the file with the credentials of {@code AUTH=implicit}, as with CockroachDB. */
    private static final String CREDENTIALS_FILE = "COCKROACH_AZURE_APPLICATION_CREDENTIALS_FILE";

    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final HttpClient http;
    private final CloudEndpoints endpoints;
    private final Map<String, String> environment;

    public AzureSession(CloudSettings settings, CloudEndpoints endpoints, Map<String, String> environment) throws IOException {
        this.endpoints = endpoints;
        this.environment = environment;
        var jdk = java.net.http.HttpClient.newBuilder()
                .sslContext(Authorities.with(settings.customAuthorities()))
                .proxy(new EnvironmentProxies(environment));
        this.http = new JdkHttpClientBuilder(jdk)
                // Or it would read the proxies itself, and know no exceptions.
                .configuration(Configuration.NONE)
                .connectionTimeout(CONNECT)
                .writeTimeout(settings.timeout())
                .responseTimeout(settings.timeout())
                .readTimeout(settings.timeout())
                .build();
    }

    public HttpClient http() {
        return http;
    }

    public CloudEndpoints endpoints() {
        return endpoints;
    }

    /** Once: what passes is tried again where it is known what that means. */
    public static RetryOptions once() {
        return new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1)));
    }

    public TokenCredential credential(AzureAccess access) throws IOException {
        if (access.secret().isPresent()) {
            return application(access.cloud(), access.tenant().orElseThrow(), access.client().orElseThrow(), access.secret().get());
        }
        var file = environment.get(CREDENTIALS_FILE);
        if (file != null && !file.isBlank()) {
            var lines = credentials(Path.of(file));
            return application(
                    access.cloud(), lines.get("azure_tenant_id"), lines.get("azure_client_id"), lines.get("azure_client_secret"));
        }
        var builder = new DefaultAzureCredentialBuilder()
                .authorityHost(access.cloud().login(endpoints))
                .httpClient(http)
                .retryOptions(once());
        if (!endpoints.azureLogin().isEmpty()) {
            builder.disableInstanceDiscovery();
        }
        return builder.build();
    }

    private TokenCredential application(AzureCloud cloud, String tenant, String client, String secret) {
        var builder = new ClientSecretCredentialBuilder()
                .tenantId(tenant)
                .clientId(client)
                .clientSecret(secret)
                .authorityHost(cloud.login(endpoints))
                .httpClient(http)
                .retryOptions(once());
        // Microsoft's list of login servers does not know ours.
        return endpoints.azureLogin().isEmpty() ? builder.build() : builder.disableInstanceDiscovery().build();
    }

    /** Lines {@code name: value}: all the YAML that such a file has. */
    private static Map<String, String> credentials(Path file) throws IOException {
        var values = new HashMap<String, String>();
        for (var line : Files.readAllLines(file)) {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.startsWith("#")) {
                values.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip().replaceAll("^([\"'])(.*)\\1$", "$2"));
            }
        }
        for (var name : new String[] {"azure_tenant_id", "azure_client_id", "azure_client_secret"}) {
            if (!values.containsKey(name)) {
                throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "the file that " + CREDENTIALS_FILE + " names has no " + name);
            }
        }
        return values;
    }
}
