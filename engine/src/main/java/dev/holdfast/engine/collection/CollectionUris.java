package dev.holdfast.engine.collection;

import java.util.Optional;

/**
 * Where a collection is: whole URIs, secrets included.
 *
 * @param increments where the increments are, if somewhere else
 */
public record CollectionUris(String collection, Optional<String> increments) {
    public static CollectionUris of(String collection) {
        return new CollectionUris(collection, Optional.empty());
    }
}
