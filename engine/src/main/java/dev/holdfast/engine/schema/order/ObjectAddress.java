package dev.holdfast.engine.schema.order;

/** How PostgreSQL's pg_depend names an object: the OID of the catalog it stands in and its own OID there. */
public record ObjectAddress(long catalog, long oid) {}
