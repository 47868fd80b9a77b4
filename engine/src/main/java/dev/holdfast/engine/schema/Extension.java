package dev.holdfast.engine.schema;

/**
 * An extension the source has. It is created without a version, so that the version comes that fits the server restored to;
 * {@code version} is what the source had.
 *
 * @param objectId the object that creates it; -1 for one that every database is born with
 */
public record Extension(int objectId, String name, String schema, String version) {}
