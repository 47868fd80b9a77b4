package dev.holdfast.engine.schema;

import java.util.List;
import java.util.SortedMap;

/**
 * Large objects that have the same owner and grants; there may be millions. Only what stands in the catalog: their contents
 * are read and written elsewhere.
 *
 * @param comments by oid
 * @param labels SECURITY LABEL statements
 */
public record LargeObjects(
        String owner, List<GrantTemplate> grants, List<Long> oids, SortedMap<Long, String> comments, List<String> labels) {}
