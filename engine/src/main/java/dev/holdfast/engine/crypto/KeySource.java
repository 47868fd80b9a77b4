package dev.holdfast.engine.crypto;

/** What a user says the key of a backup comes from. */
public sealed interface KeySource {
    record FromPassphrase(String passphrase) implements KeySource {
        @Override
        public String toString() {
            return "a passphrase";
        }
    }
}
