package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.collection.Collection;
import dev.holdfast.engine.collection.Layer;
import dev.holdfast.engine.crypto.BackupKeys;
import dev.holdfast.engine.crypto.Encryption;
import dev.holdfast.engine.crypto.KeyReferences;
import dev.holdfast.engine.crypto.KeySource;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** What the options of BACKUP, RESTORE and SHOW BACKUP say about encryption. */
final class EncryptionOptions {
    private static final String PASSPHRASE = "encryption_passphrase";
    private static final String KMS = "kms";

    private final BackupKeys keys;
    private final KeyReferences references;

    EncryptionOptions(BackupKeys keys, KeyReferences references) {
        this.keys = keys;
        this.references = references;
    }

    /** The names of a statement's options, those that are ours among them. */
    static Set<String> with(String... others) {
        var names = new TreeSet<>(List.of(others));
        names.add(PASSPHRASE);
        names.add(KMS);
        return names;
    }

    /** For a new full backup. */
    Optional<Encryption> create(Options options, Parameters parameters) throws IOException {
        var source = source(options, parameters);
        return source.isEmpty() ? Optional.empty() : Optional.of(keys.create(source.get()));
    }

    /** For the backup that is there. */
    Optional<Encryption> find(Options options, Parameters parameters, Layer layer) throws IOException {
        var source = source(options, parameters);
        return source.isEmpty() ? Optional.empty() : Optional.of(keys.find(source.get(), layer.encryptionInfos()));
    }

    /** The collection as one who has the keys sees it. */
    Collection open(Collection collection, Optional<Encryption> encryption) throws IOException {
        return collection.with(encryption, keys);
    }

    private Optional<KeySource> source(Options options, Parameters parameters) throws IOException {
        var passphrase = options.text(PASSPHRASE).map(parameters::text);
        var kms = parameters.texts(options.texts(KMS));
        if (passphrase.isPresent() && !kms.isEmpty()) {
            throw HoldfastException.of(SqlState.UNCATEGORIZED, "cannot have both encryption_passphrase and kms option set");
        }
        if (!kms.isEmpty()) {
            return Optional.of(new KeySource.FromKms(kms));
        }
        return passphrase.isEmpty()
                ? Optional.empty()
                : Optional.of(new KeySource.FromPassphrase(references.resolve(passphrase.get())));
    }

    /** As the description of a BACKUP has them. */
    static List<String> describe(Options options, Parameters parameters) {
        return describe(options, parameters, StorageUri::toString);
    }

    /** As that of a RESTORE does: it does not name the master keys. */
    static List<String> describeForReading(Options options, Parameters parameters) {
        return describe(options, parameters, StorageUri::withoutPath);
    }

    private static List<String> describe(Options options, Parameters parameters, Function<StorageUri, String> shown) {
        var described = new ArrayList<String>();
        options.text(PASSPHRASE)
                .map(parameters::text)
                .ifPresent(text -> described.add(PASSPHRASE + " = " + StatementFormatter.literal(KeyReferences.describe(text))));
        var kms = parameters.texts(options.texts(KMS)).stream()
                .map(uri -> StatementFormatter.literal(shown.apply(StorageUri.parse(uri))))
                .toList();
        if (!kms.isEmpty()) {
            described.add(KMS + " = " + (kms.size() == 1 ? kms.getFirst() : "(" + String.join(", ", kms) + ")"));
        }
        return described;
    }
}
