package dev.holdfast.engine.schema;

import java.util.List;

/**
 * One object of the database and the DDL that creates it.
 *
 * @param id dense, from 0; stable inside one {@link DatabaseSchema} only
 * @param schema raw name; null for what lives in no schema
 * @param name raw name
 * @param table for what belongs to a table (column default, index, constraint, trigger, rule, policy ...) its raw name, in the
 *     same schema; else null
 * @param identity how DDL and messages name it, quoted: {@code TABLE "public"."t"}
 * @param oid in the source database, in the catalog of its kind; 0 for what has no row of its own there
 * @param owner null for what has no owner of its own
 * @param ownerTarget {@code ALTER <ownerTarget> OWNER TO role} gives it its owner; null where nothing needs to be done
 * @param tablespace to be created there, where a tablespace of that name exists; null for the database's default
 * @param statements create it, with all properties and comments; in this order
 * @param optional statements that another server may refuse without harm to the data: security labels, where the label provider
 *     is not loaded, and a column's compression method, where it is not built in; executed after {@code statements}
 * @param roles roles that {@code statements} name: without one of them it cannot be created
 * @param roleClause stands for the first of {@code statements} where its list of roles may be thinned; else null
 * @param dependsOn ids of what has to exist first; only direct ones, and never of a later section
 */
public record SchemaObject(
        int id,
        ObjectKind kind,
        String schema,
        String name,
        String table,
        String identity,
        Section section,
        long oid,
        String owner,
        String ownerTarget,
        String tablespace,
        List<String> statements,
        List<String> optional,
        List<String> roles,
        RoleClause roleClause,
        List<Grant> grants,
        List<Integer> dependsOn) {}
