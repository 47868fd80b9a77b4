package dev.holdfast.engine.history;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.schema.DatabaseSchema;

/** A schema that is known to have been in force from one place of the stream to another, and perhaps beyond. */
public record StoredSchema(Lsn from, Lsn to, DatabaseSchema schema) {}
