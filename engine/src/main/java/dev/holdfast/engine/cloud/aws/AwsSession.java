package dev.holdfast.engine.cloud.aws;

import dev.holdfast.engine.storage.http.Authorities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.utils.AttributeMap;

/** What clients of AWS services are made with: credentials, region, and HTTP by the JDK's URL connections. */
public final class AwsSession implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(20);

    private final AwsAccess access;
    private final SdkHttpClient http;
    private final AwsCredentialsProvider credentials;
    private final List<AutoCloseable> parts = new ArrayList<>();

    /** {@code customAuthorities}: PEM, beside the system's. */
    public AwsSession(AwsAccess access, String customAuthorities, Duration timeout) {
        this.access = access;
        var builder = UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(timeout);
        if (!access.skipTlsVerification()) {
            builder.tlsTrustManagersProvider(() -> Authorities.trustManagers(customAuthorities));
        }
        this.http = builder.buildWithDefaults(AttributeMap.builder()
                .put(SdkHttpConfigurationOption.TRUST_ALL_CERTIFICATES, access.skipTlsVerification())
                .build());
        parts.add(http);
        this.credentials = assumed(base());
    }

    private AwsCredentialsProvider base() {
        if (access.keyId().isEmpty()) {
            var machine = DefaultCredentialsProvider.builder().build();
            parts.add(machine);
            return machine;
        }
        var keyId = access.keyId().get();
        var secret = access.secretKey().orElseThrow();
        return StaticCredentialsProvider.create(
                access.sessionToken().isPresent()
                        ? AwsSessionCredentials.create(keyId, secret, access.sessionToken().get())
                        : AwsBasicCredentials.create(keyId, secret));
    }

    private AwsCredentialsProvider assumed(AwsCredentialsProvider base) {
        var provider = base;
        for (var role : access.roles()) {
            var sts = StsClient.builder().httpClient(http).region(region()).credentialsProvider(provider).build();
            var assumed = StsAssumeRoleCredentialsProvider.builder()
                    .stsClient(sts)
                    .refreshRequest(request -> {
                        request.roleArn(role.arn()).roleSessionName("holdfast");
                        role.externalId().ifPresent(request::externalId);
                    })
                    .build();
            parts.add(sts);
            parts.add(assumed);
            provider = assumed;
        }
        return provider;
    }

    /** With an endpoint of one's own any region does, but there has to be one to sign with. */
    private Region region() {
        return access.region().map(Region::of).orElse(Region.US_EAST_1);
    }

    /** Retries are ours: only so is it known what an earlier try may have done. */
    public <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> B configure(B builder) {
        builder.httpClient(http)
                .credentialsProvider(credentials)
                .region(region())
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        .retryStrategy(AwsRetryStrategy.doNotRetry())
                        .build());
        access.endpoint().ifPresent(builder::endpointOverride);
        return builder;
    }

    @Override
    public void close() {
        for (var part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                // Nothing of it is needed any more, and what it was used for has ended.
            }
        }
    }
}
