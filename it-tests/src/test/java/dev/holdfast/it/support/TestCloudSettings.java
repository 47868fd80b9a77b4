package dev.holdfast.it.support;

import dev.holdfast.engine.storage.CloudSettings;
import java.time.Duration;

/** What cluster settings would say. */
public record TestCloudSettings(String customAuthorities, Duration timeout, String googleDefaultKey) implements CloudSettings {
    public static final TestCloudSettings DEFAULT = new TestCloudSettings("", Duration.ofSeconds(30), "");

    public TestCloudSettings trusting(String pem) {
        return new TestCloudSettings(pem, timeout, googleDefaultKey);
    }

    public TestCloudSettings within(Duration newTimeout) {
        return new TestCloudSettings(customAuthorities, newTimeout, googleDefaultKey);
    }
}
