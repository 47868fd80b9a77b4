package dev.holdfast.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StorageUriTest {
    @Test
    void takesAllPartsApart() {
        var uri = StorageUri.parse("s3://bucket/a%20b/c?AWS_ACCESS_KEY_ID=k&AWS_SECRET_ACCESS_KEY=a%2Bb+c&EMPTY=&X");
        assertThat(uri.host()).isEqualTo("bucket");
        assertThat(uri.path()).isEqualTo("/a b/c");
        assertThat(uri.parameters()).containsEntry("AWS_SECRET_ACCESS_KEY", "a+b c").containsEntry("EMPTY", "").containsEntry("X", "");
        assertThat(StorageUri.parse(uri.toSecretString())).isEqualTo(uri);
    }

    @Test
    void showsNoSecretsAndSortsParameters() {
        var uri = StorageUri.parse("https://user:CANARY1@host/p?Z=1&CREDENTIALS=CANARY2&AZURE_ACCOUNT_KEY=CANARY3&AWS_SESSION_TOKEN=CANARY4"
                + "&AWS_SECRET_ACCESS_KEY=CANARY5&AZURE_CLIENT_SECRET=CANARY6&BEARER_TOKEN=CANARY7&AWS_ACCESS_KEY_ID=shown");
        assertThat(uri.toString())
                .doesNotContain("CANARY")
                .isEqualTo("https://user:redacted@host/p?AWS_ACCESS_KEY_ID=shown&AWS_SECRET_ACCESS_KEY=redacted&AWS_SESSION_TOKEN=redacted"
                        + "&AZURE_ACCOUNT_KEY=redacted&AZURE_CLIENT_SECRET=redacted&BEARER_TOKEN=redacted&CREDENTIALS=redacted&Z=1");
    }

    @Test
    void appendsToThePathAndKeepsTheQuery() {
        assertThat(StorageUri.parse("s3://b/p/?A=1").resolve("/x/y").toString()).isEqualTo("s3://b/p/x/y?A=1");
        assertThat(StorageUri.parse("nodelocal://1").resolve("x").toString()).isEqualTo("nodelocal://1/x");
    }

    @Test
    void refusesWhatIsNoUriWithoutRepeatingIt() {
        for (var text : new String[] {"", "CANARY", "://CANARY", "S3 CANARY://x", "s3://b/%zzCANARY"}) {
            assertThatThrownBy(() -> StorageUri.parse(text)).hasMessageNotContaining("CANARY");
        }
    }
}
