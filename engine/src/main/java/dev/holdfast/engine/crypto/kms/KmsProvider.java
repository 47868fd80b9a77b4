package dev.holdfast.engine.crypto.kms;

import dev.holdfast.engine.storage.StorageUri;
import java.io.IOException;

/** Opens the master keys of one or more URI schemes. */
public interface KmsProvider {
    /** The id by which a backup's ENCRYPTION-INFO knows the key. Fails for a URI that no later try can make right. */
    String masterKeyId(StorageUri uri);

    Kms open(StorageUri uri) throws IOException;
}
