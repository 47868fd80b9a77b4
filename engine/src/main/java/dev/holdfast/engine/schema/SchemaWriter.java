package dev.holdfast.engine.schema;

import dev.holdfast.engine.cluster.Upstream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Executes a {@link DatabaseSchema} in a database that has none of its objects. Works with auto-commit and inside of a
 * transaction alike.
 */
public final class SchemaWriter {
    /** What becomes of owners and grants. */
    public enum Ownership {
        /** Those of roles that exist; what is left out is told. Needs the right to give objects away. */
        KEEP,
        /** Everything belongs to the session's role, and has the grants that are born with it. */
        DROP
    }

    /**
     * What an administrator may have set otherwise for the database, or what our own reading set; explicit where an object has
     * another value.
     */
    private static final String SETTINGS =
            """
            set default_tablespace = '';
            set default_table_access_method = 'heap';
            set check_function_bodies = off;
            set search_path = '';
            set row_security = off;
            """;

    private final Connection connection;
    private final DatabaseSchema schema;
    private final Ownership ownership;
    private final Consumer<String> notices;
    private final int serverVersion;
    private final String role;
    private final Set<String> roles;
    private final Set<String> tablespaces;

    /**
     * @param connection of {@link Upstream}
     * @param notices told in PostgreSQL's style, what could not be done as the source had it. After an exception the connection
     *     is not to be used again: it may stand under another role
     */
    public SchemaWriter(Connection connection, DatabaseSchema schema, Ownership ownership, Consumer<String> notices)
            throws SQLException {
        this.connection = connection;
        this.schema = schema;
        this.ownership = ownership;
        this.notices = notices;
        try (var statement = connection.createStatement()) {
            statement.execute(SETTINGS);
        }
        serverVersion = Integer.parseInt(names("select current_setting('server_version_num')").iterator().next());
        role = names("select current_user").iterator().next();
        roles = names("select rolname from pg_catalog.pg_roles");
        tablespaces = names("select spcname from pg_catalog.pg_tablespace");
    }

    /** Creates the objects of a section that {@code wanted} accepts, in their order. */
    public void write(Section section, Predicate<SchemaObject> wanted) throws SQLException {
        if (section == Section.FINISH) {
            for (var object : schema.objects()) {
                if (wanted.test(object)) {
                    grant(object);
                }
            }
        }
        for (var object : schema.objects()) {
            if (object.section() == section && wanted.test(object)) {
                write(object);
            }
        }
    }

    /** Creates one object, and gives it its owner; its grants come with {@link Section#FINISH}. */
    public void write(SchemaObject object) throws SQLException {
        var statements = statements(object);
        if (statements.isEmpty() && object.ownerTarget() == null) {
            return;
        }
        boolean placed = object.tablespace() != null && tablespaces.contains(object.tablespace());
        if (object.tablespace() != null && !placed) {
            notices.accept("tablespace \"" + object.tablespace() + "\" does not exist, " + describe(object)
                    + " is created in the default tablespace");
        }
        if (placed) {
            execute(object, "set default_tablespace = " + Quoting.literal(object.tablespace()));
        }
        for (var statement : statements) {
            execute(object, statement);
        }
        for (var statement : object.optional()) {
            executeOptional(describe(object), statement);
        }
        if (placed) {
            execute(object, "set default_tablespace = ''");
        }
        if (ownership == Ownership.KEEP && object.ownerTarget() != null) {
            if (roles.contains(object.owner())) {
                execute(object, "ALTER " + object.ownerTarget() + " OWNER TO " + Quoting.identifier(object.owner()));
            } else {
                notices.accept(
                        "role \"" + object.owner() + "\" does not exist, " + describe(object) + " belongs to \"" + role + "\"");
            }
        }
    }

    /** Issues the grants of one object. Its owner has to be set before. */
    public void grant(SchemaObject object) throws SQLException {
        if (ownership == Ownership.KEEP) {
            for (var grant : object.grants()) {
                grant(object, grant);
            }
        }
    }

    /** Creates the large objects, without contents. */
    public void writeLargeObjects() throws SQLException {
        for (var group : schema.largeObjects()) {
            try (var create = connection.prepareStatement("select pg_catalog.count(pg_catalog.lo_create(o::pg_catalog.oid))"
                    + " from pg_catalog.unnest(?::pg_catalog.int8[]) o")) {
                create.setArray(1, connection.createArrayOf("int8", group.oids().toArray()));
                create.executeQuery().close();
            } catch (SQLException e) {
                throw failure("large objects", e);
            }
            try (var statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                for (var comment : group.comments().entrySet()) {
                    statement.addBatch(
                            "COMMENT ON LARGE OBJECT " + comment.getKey() + " IS " + Quoting.literal(comment.getValue()));
                }
                boolean given = ownership == Ownership.KEEP && roles.contains(group.owner());
                for (long oid : given ? group.oids() : List.<Long>of()) {
                    statement.addBatch("ALTER LARGE OBJECT " + oid + " OWNER TO " + Quoting.identifier(group.owner()));
                }
                if (ownership == Ownership.KEEP && !given) {
                    notices.accept("role \"" + group.owner() + "\" does not exist, " + group.oids().size()
                            + " large objects belong to \"" + role + "\"");
                }
                statement.executeBatch();
            } catch (SQLException e) {
                throw failure("large objects", e);
            }
            for (var label : group.labels()) {
                executeOptional("large objects", label);
            }
        }
    }

    /** Issues the grants on the large objects; with {@link Section#FINISH}. */
    public void grantLargeObjects() throws SQLException {
        for (var group : schema.largeObjects()) {
            for (var template : ownership == Ownership.KEEP ? group.grants() : List.<GrantTemplate>of()) {
                var missing = missing(template.roles());
                if (!missing.isEmpty()) {
                    notices.accept(doesNotExist(missing) + ", skipping grants on " + group.oids().size() + " large objects");
                    continue;
                }
                for (long oid : group.oids()) {
                    var grant = template.on(Long.toString(oid));
                    as(grant.grantor(), "large object " + oid, grant.statement());
                }
            }
        }
    }

    private List<String> statements(SchemaObject object) {
        var missing = missing(object.roles());
        if (missing.isEmpty()) {
            return VersionDifferences.statements(object, schema.serverVersion(), serverVersion);
        }
        var present = object.roles().stream().filter(roles::contains).toList();
        if (object.roleClause() == null || present.isEmpty()) {
            notices.accept(doesNotExist(missing) + ", skipping " + describe(object));
            return List.of();
        }
        notices.accept(doesNotExist(missing) + ", " + describe(object) + " is created for the other roles");
        var statements = new ArrayList<>(object.statements());
        statements.set(0, object.roleClause().statement(present));
        return statements;
    }

    private void grant(SchemaObject object, Grant grant) throws SQLException {
        var missing = missing(grant.roles());
        if (missing.isEmpty()) {
            as(grant.grantor(), describe(object), grant.statement());
        } else {
            notices.accept(doesNotExist(missing) + ", skipping: " + grant.statement());
        }
    }

    /** The grantor is recorded, and there is no other way to be it. */
    private void as(String grantor, String subject, String sql) throws SQLException {
        if (grantor != null) {
            execute(subject, "set session authorization " + Quoting.identifier(grantor));
        }
        execute(subject, sql);
        if (grantor != null) {
            execute(subject, "reset session authorization");
        }
    }

    private void execute(SchemaObject object, String sql) {
        execute(describe(object), sql);
    }

    private void execute(String subject, String sql) {
        try (var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure(subject, e);
        }
    }

    private static RuntimeException failure(String subject, SQLException e) {
        return Upstream.translate(e).withPrefix("could not create " + subject + ": ");
    }

    private void executeOptional(String subject, String sql) throws SQLException {
        var savepoint = connection.getAutoCommit() ? null : connection.setSavepoint();
        try (var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            if (savepoint != null) {
                connection.rollback(savepoint);
            }
            // It is optional because the object is complete without it; who restores is told.
            notices.accept(subject + ": " + Upstream.translate(e).getMessage());
        }
    }

    private List<String> missing(List<String> named) {
        return named.stream().filter(name -> !roles.contains(name)).toList();
    }

    private static String doesNotExist(List<String> missing) {
        return (missing.size() == 1 ? "role " : "roles ")
                + String.join(", ", missing.stream().map(name -> '"' + name + '"').toList())
                + (missing.size() == 1 ? " does not exist" : " do not exist");
    }

    private static String describe(SchemaObject object) {
        var name = object.schema() == null ? object.name() : object.schema() + "." + object.name();
        return object.kind().words() + " \"" + name + "\"" + (object.table() == null ? "" : " of \"" + object.table() + "\"");
    }

    private Set<String> names(String sql) throws SQLException {
        var names = new HashSet<String>();
        try (var statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            while (result.next()) {
                names.add(result.getString(1));
            }
        }
        return names;
    }
}
