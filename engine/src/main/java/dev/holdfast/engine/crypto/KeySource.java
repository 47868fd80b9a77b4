package dev.holdfast.engine.crypto;

import java.util.List;

/** What a user says the key of a backup comes from. */
public sealed interface KeySource {
    record FromPassphrase(String passphrase) implements KeySource {
        @Override
        public String toString() {
            return "a passphrase";
        }
    }

    /** @param uris of master keys, secrets included */
    record FromKms(List<String> uris) implements KeySource {
        @Override
        public String toString() {
            return "a KMS";
        }
    }
}
