package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.collection.CollectionUris;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.storage.StorageUri;
import dev.holdfast.engine.storage.Storages;
import dev.holdfast.sqlfront.bind.Options;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import java.util.Optional;

/** The option of BACKUP, RESTORE and SHOW BACKUP that says where the increments of a collection are, if they are not in it. */
record IncrementalLocation(Optional<StorageUri> uri) {
    static final String OPTION = "incremental_location";

    /** {@code collections}: how many URIs the collection has. */
    static IncrementalLocation of(Options options, int collections, Parameters parameters, SessionFacts session, Storages storages) {
        var texts = parameters.texts(options.texts(OPTION));
        if (!texts.isEmpty() && texts.size() != collections) {
            throw HoldfastException.of(
                    SqlState.UNCATEGORIZED,
                    "the incremental_location option must contain the same number of locality aware URIs as the full backup destination");
        }
        return new IncrementalLocation(texts.stream().findFirst().map(text -> storages.bind(text, session.user())));
    }

    CollectionUris of(StorageUri collection) {
        return new CollectionUris(collection.toSecretString(), uri.map(StorageUri::toSecretString));
    }

    /** As job descriptions have it. */
    Optional<String> describe() {
        return uri.map(location -> OPTION + " = " + StatementFormatter.literal(location.toString()));
    }
}
