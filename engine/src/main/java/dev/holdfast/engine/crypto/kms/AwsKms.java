package dev.holdfast.engine.crypto.kms;

import dev.holdfast.engine.cloud.aws.AwsAccess;
import dev.holdfast.engine.cloud.aws.AwsErrors;
import dev.holdfast.engine.cloud.aws.AwsSession;
import dev.holdfast.engine.storage.CloudSettings;
import java.io.IOException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.KmsClient;

/** A key of AWS KMS; without an encryption context, with the default algorithm. */
final class AwsKms implements Kms {
    private final String key;
    private final AwsSession session;
    private final KmsClient client;

    private AwsKms(String key, AwsSession session, KmsClient client) {
        this.key = key;
        this.session = session;
        this.client = client;
    }

    static AwsKms open(String key, AwsAccess access, CloudSettings settings) throws IOException {
        var session = new AwsSession(access, settings.customAuthorities(), settings.timeout());
        return new AwsKms(key, session, session.configure(KmsClient.builder()).build());
    }

    @Override
    public byte[] encrypt(byte[] plain) throws IOException {
        try {
            return client.encrypt(request -> request.keyId(key).plaintext(SdkBytes.fromByteArray(plain)))
                    .ciphertextBlob()
                    .asByteArray();
        } catch (SdkException e) {
            throw AwsErrors.translate(e, "aws kms");
        }
    }

    @Override
    public byte[] decrypt(byte[] encrypted) throws IOException {
        try {
            return client.decrypt(request -> request.keyId(key).ciphertextBlob(SdkBytes.fromByteArray(encrypted)))
                    .plaintext()
                    .asByteArray();
        } catch (SdkException e) {
            throw AwsErrors.translate(e, "aws kms");
        }
    }

    @Override
    public void close() {
        client.close();
        session.close();
    }
}
