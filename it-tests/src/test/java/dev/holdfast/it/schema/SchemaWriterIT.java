package dev.holdfast.it.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.ObjectKind;
import dev.holdfast.engine.schema.SchemaChangedException;
import dev.holdfast.engine.schema.SchemaObject;
import dev.holdfast.engine.schema.SchemaWriter;
import dev.holdfast.engine.schema.SchemaWriter.Ownership;
import dev.holdfast.engine.schema.Section;
import dev.holdfast.engine.schema.TableRows;
import dev.holdfast.engine.schema.catalog.SchemaReader;
import dev.holdfast.it.support.PostgresClient;
import dev.holdfast.it.support.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What a schema tells besides its DDL, and what becomes of it where the restoring server is not like the source. */
class SchemaWriterIT {
    private static TestPostgres server;

    @BeforeAll
    static void start() throws Exception {
        server = TestPostgres.start(18);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void rolesThatDoNotExistAreLeftOut() throws Exception {
        execute("postgres", "create role here", "create role gone", "create role gone_too");
        var schema = schemaOf("roles",
                """
                create table t (a int primary key, b text); alter table t owner to gone;
                grant select on t to here; grant select (b) on t to gone;
                grant insert on t to here with grant option; set role here; grant insert on t to gone_too; reset role;
                create policy of_two on t as restrictive to here, gone using (a > 0); create policy lost on t to gone using (true);
                create foreign data wrapper w; create server s foreign data wrapper w;
                create user mapping for gone server s; create user mapping for here server s;
                alter default privileges for role gone grant select on tables to here;
                create table owned (a int); alter table owned owner to here;
                """);
        execute("postgres", "drop database roles", "drop role gone", "drop role gone_too");

        var notices = new ArrayList<String>();
        copy(schema, "roles copy", Ownership.KEEP, notices);

        assertThat(notices).containsExactlyInAnyOrder(
                "role \"gone\" does not exist, table \"public.t\" belongs to \"postgres\"",
                "role \"gone\" does not exist, skipping user mapping \"gone s\"",
                "role \"gone\" does not exist, policy \"public.of_two\" of \"t\" is created for the other roles",
                "role \"gone\" does not exist, skipping policy \"public.lost\" of \"t\"",
                "role \"gone\" does not exist, skipping: GRANT SELECT (\"b\") ON TABLE \"public\".\"t\" TO \"gone\"",
                "role \"gone_too\" does not exist, skipping: GRANT INSERT ON TABLE \"public\".\"t\" TO \"gone_too\"",
                "role \"gone\" does not exist, skipping: "
                        + "ALTER DEFAULT PRIVILEGES FOR ROLE \"gone\" GRANT SELECT ON TABLES TO \"here\"");
        assertThat(query("roles copy", "select polname || ' ' || polroles::regrole[]::text from pg_policy"))
                .containsExactly("of_two {here}");
        assertThat(query("roles copy", "select relname from pg_class where relowner = 'here'::regrole and relkind = 'r'"))
                .containsExactly("owned");
        assertThat(query("roles copy", "select has_table_privilege('here', 't', 'select')::text")).containsExactly("true");
    }

    @Test
    void withoutOwnershipEverythingBelongsToWhoRestores() throws Exception {
        execute("postgres", "create role owner_of_all", "create role restorer login");
        var schema = schemaOf("plain", "create table t (a int); alter table t owner to owner_of_all; grant select on t to public");
        execute("postgres", "create database \"plain copy\" owner restorer template template0");
        try (var connection = server.upstream().connect("plain copy", "test")) {
            connection.createStatement().execute("set session authorization restorer");
            var writer = new SchemaWriter(connection, schema, Ownership.DROP, notice -> {});
            for (var section : Section.values()) {
                writer.write(section, object -> object.kind() != ObjectKind.SCHEMA);
            }
        }
        assertThat(query("plain copy", "select relowner::regrole || coalesce(relacl::text, '') from pg_class where relname = 't'"))
                .containsExactly("restorer");
    }

    @Test
    void aFailureNamesTheObject() throws Exception {
        var schema = schemaOf("failing", "create schema s; create view s.v as select 1 as a; create table s.t (a int)");
        execute("postgres", "create database \"failing copy\" template template0");
        execute("failing copy", "create schema s", "create table s.t (b int)");
        try (var connection = server.upstream().connect("failing copy", "test")) {
            var writer = new SchemaWriter(connection, schema, Ownership.KEEP, notice -> {});
            assertThatThrownBy(() -> writer.write(Section.PRE_DATA, object -> object.kind() != ObjectKind.SCHEMA))
                    .isInstanceOfSatisfying(HoldfastException.class, e -> assertThat(e.state().code()).isEqualTo("42P07"))
                    .hasMessage("could not create table \"s.t\": relation \"t\" already exists");
        }
    }

    /** What RESTORE TABLE takes along: everything a table needs, directly or not, and nothing else. */
    @Test
    void dependenciesLeadToAllThatIsNeeded() throws Exception {
        var schema = schemaOf("needs",
                """
                create schema a; create schema b; create schema other;
                create type a.e as enum ('x'); create domain a.d as a.e[]; create sequence b.s; create table other.unrelated (a int);
                create function b.f(a.e) returns boolean language sql immutable as 'select true';
                create table b.referenced (id int primary key);
                create table a.t (c a.d, n int default nextval('b.s'), r int references b.referenced, e a.e check (b.f(e)));
                create index i on a.t (b.f(e)); create view other.v as select * from a.t;
                """);
        assertThat(needed(schema, ObjectKind.TABLE, "t")).containsExactlyInAnyOrder(
                "schema a", "type e", "domain d", "schema b", "function f", "sequence s");
        assertThat(needed(schema, ObjectKind.FOREIGN_KEY, "t_r_fkey"))
                .contains("table referenced", "constraint referenced_pkey", "table t");
        assertThat(needed(schema, ObjectKind.INDEX, "i")).contains("function f", "table t");
        assertThat(needed(schema, ObjectKind.VIEW, "v")).contains("table t", "schema other").doesNotContain("table unrelated");
    }

    @Test
    void tellsWhereBinaryCopyIsSafe() throws Exception {
        var schema = schemaOf("binary",
                """
                create extension seg; create extension hstore; create extension isn; create extension citext;
                create type e as enum ('a'); create type plain as (a int, b e[], c hstore); create domain d as plain;
                create type odd as (a int, b seg); create type span as range (subtype = e);
                create table safe (
                    a int, b text[], c e, d plain[], f d, g hstore, h span, i citext[], j oid, k xid, l int2vector, m jsonb);
                create table row_of (a safe, b safe[]);
                create table with_seg (a seg); create table with_composite (a odd[]); create table with_isbn (a isbn13);
                create table with_regclass (a regclass); create table with_reg_array (a regtype[]); create table with_acl (a aclitem);
                create domain reg as regproc; create table with_domain (a reg);
                create table generated (a int, b regclass generated always as (null::regclass) stored);
                """);
        assertThat(schema.tables().stream().filter(TableRows::binarySafe).map(TableRows::name))
                .containsExactlyInAnyOrder("safe", "row_of", "generated");
        assertThat(schema.tables()).filteredOn(table -> table.name().equals("generated"))
                .flatExtracting(TableRows::columns).extracting("name").containsExactly("a");
    }

    @Test
    void listsWhatHasRows() throws Exception {
        var schema = schemaOf("rows",
                """
                create table ordinary (a int); create unlogged table fast (a int); create table parted (a int) partition by list (a);
                create table leaf partition of parted for values in (1); create temp table temporary (a int);
                create foreign data wrapper w; create server s foreign data wrapper w; create foreign table remote (a int) server s;
                create view v as select 1; create materialized view mv as select 1;
                create schema holdfast; create table holdfast.own (a int);
                create schema holdfast_restore_1; create table holdfast_restore_1.t (a int);
                create function holdfast.on_ddl() returns event_trigger language plpgsql as 'begin end';
                create event trigger holdfast_ddl on ddl_command_end execute function holdfast.on_ddl();
                """);
        assertThat(schema.tables()).extracting(TableRows::name).containsExactly("fast", "leaf", "ordinary");
        assertThat(schema.tables()).extracting(TableRows::unlogged).containsExactly(true, false, false);
        assertThat(schema.tables()).allMatch(table -> schema.objects().get(table.objectId()).name().equals(table.name()));
        assertThat(schema.objects()).noneMatch(object -> object.identity().contains("holdfast"));
    }

    @Test
    void aDatabaseKeepsItsProperties() throws Exception {
        execute("postgres", "create role db_owner", "create role db_user",
                "create database \"Prop\" template template0 encoding 'UTF8' locale_provider icu icu_locale 'de-DE'"
                        + " icu_rules '&a < b' lc_collate 'C' lc_ctype 'C.UTF-8'",
                "alter database \"Prop\" owner to db_owner", "alter database \"Prop\" connection limit 17",
                "alter database \"Prop\" set search_path = \"$user\", \"my schema\", public",
                "alter database \"Prop\" set work_mem = '9MB'", "alter database \"Prop\" set \"my.own\" = 'a''b'",
                "alter role db_user in database \"Prop\" set datestyle = 'German, DMY'",
                "revoke connect on database \"Prop\" from public",
                "grant create, connect on database \"Prop\" to db_user with grant option",
                "comment on database \"Prop\" is 'it''s mine'", "alter database \"Prop\" is_template true");
        var schema = SchemaRoundTripIT.read(server, "Prop");
        var properties = schema.properties();
        try (var connection = server.upstream().connect("postgres", "test");
                var statement = connection.createStatement()) {
            for (var sql : properties.createStatements("Prop2")) {
                statement.execute(sql);
            }
            statement.execute(properties.ownerStatement("Prop2"));
            for (var sql : properties.propertyStatements("Prop2")) {
                statement.execute(sql);
            }
            for (var grant : properties.roleStatements("Prop2")) {
                statement.execute(grant.statement());
            }
        }
        var copied = SchemaRoundTripIT.read(server, "Prop2").properties();
        assertThat(copied).usingRecursiveComparison().ignoringFields("name").isEqualTo(properties);

        var client = PostgresClient.find(18);
        assumeTrue(client.isPresent(), PostgresClient.missing(18));
        assertThat(client.get().dumpSchema(server, "Prop2", "--create").replace("Prop2", "Prop"))
                .isEqualTo(client.get().dumpSchema(server, "Prop", "--create"));
    }

    @Test
    void sequencesStandWhereTheyStood() throws Exception {
        var schema = schemaOf("seqs",
                """
                create sequence unused start 5; create sequence used; create sequence put;
                create table t (id serial, i int generated always as identity);
                select nextval('used'), setval('put', 99, false), nextval('t_id_seq'), nextval('t_id_seq');
                """);
        assertThat(schema.sequences()).extracting(s -> s.name() + " " + s.lastValue() + " " + s.isCalled())
                .containsExactlyInAnyOrder("unused 5 false", "used 1 true", "put 99 false", "t_id_seq 2 true", "t_i_seq 1 false");
    }

    @Test
    void whatVanishesWhileItIsReadIsTold() throws Exception {
        execute("postgres", "create database racing template template0");
        execute("racing", "create table t (a int)", "create view doomed as select a from t");
        try (var connection = server.upstream().connect("racing", "test")) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.createStatement().executeQuery("select 1").close();
            execute("racing", "drop view doomed");
            assertThatThrownBy(() -> SchemaReader.read(connection)).isInstanceOf(SchemaChangedException.class);
        }
    }

    @Test
    void jsonKeepsEverything() throws Exception {
        var schema = SchemaRoundTripIT.read(server, corpusDatabase("privileges"));
        var mapper = JsonMapper.builder().build();
        assertThat(mapper.readValue(mapper.writeValueAsString(schema), DatabaseSchema.class)).isEqualTo(schema);
    }

    /** Two connections build indexes and keys at once, each object when what it depends on is done. */
    @Test
    void postDataCanBeBuiltByTwoConnections() throws Exception {
        var schema = SchemaRoundTripIT.read(server, corpusDatabase("partitions"));
        execute("postgres", "create database \"two builders\" template template0");
        try (var first = server.upstream().connect("two builders", "test");
                var second = server.upstream().connect("two builders", "test")) {
            var one = new SchemaWriter(first, schema, Ownership.KEEP, notice -> {});
            var two = new SchemaWriter(second, schema, Ownership.KEEP, notice -> {});
            one.write(Section.PRE_DATA, object -> true);
            var done = new HashSet<Integer>();
            var open = new ArrayList<>(
                    schema.objects().stream().filter(o -> o.section() == Section.POST_DATA).toList());
            schema.objects().stream().filter(o -> o.section() == Section.PRE_DATA).forEach(o -> done.add(o.id()));
            while (!open.isEmpty()) {
                var ready = open.stream().filter(o -> done.containsAll(o.dependsOn())).limit(2).toList();
                assertThat(ready).isNotEmpty();
                var other = ready.size() < 2 ? null : Thread.startVirtualThread(() -> write(two, ready.getLast()));
                write(one, ready.getFirst());
                if (other != null) {
                    other.join();
                }
                ready.forEach(object -> done.add(object.id()));
                open.removeAll(ready);
            }
            one.write(Section.LINKS, object -> true);
        }
        assertThat(query("two builders", "select count(*)::text from pg_index where indisvalid"))
                .isEqualTo(query("partitions", "select count(*)::text from pg_index where indisvalid"));
        assertThat(query("two builders", "select count(*)::text from pg_constraint where contype = 'f'"))
                .isEqualTo(query("partitions", "select count(*)::text from pg_constraint where contype = 'f'"));
    }

    private static void write(SchemaWriter writer, SchemaObject object) {
        try {
            writer.write(object);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String corpusDatabase(String name) throws SQLException {
        if (query("postgres", "select datname from pg_database where datname = '" + name + "'").isEmpty()) {
            SchemaCorpus.named(name).create(server, name);
        }
        return name;
    }

    private static Set<String> needed(DatabaseSchema schema, ObjectKind kind, String name) {
        var start = schema.objects().stream().filter(o -> o.kind() == kind && o.name().equals(name)).findFirst().orElseThrow();
        var ids = new HashSet<Integer>();
        var open = new ArrayList<>(start.dependsOn());
        while (!open.isEmpty()) {
            int id = open.removeLast();
            if (ids.add(id)) {
                open.addAll(schema.objects().get(id).dependsOn());
            }
        }
        return ids.stream().map(schema.objects()::get).map(o -> o.kind().words() + " " + o.name()).collect(Collectors.toSet());
    }

    private static DatabaseSchema schemaOf(String database, String sql) throws Exception {
        execute("postgres", "create database \"" + database + "\" template template0");
        try (var connection = server.upstream().connect(database, "test");
                var statement = connection.createStatement()) {
            statement.execute("set search_path = public");
            statement.execute(sql);
        }
        return SchemaRoundTripIT.read(server, database);
    }

    private static void copy(DatabaseSchema schema, String database, Ownership ownership, List<String> notices) throws Exception {
        execute("postgres", "create database \"" + database + "\" template template0");
        try (var connection = server.upstream().connect(database, "test")) {
            var writer = new SchemaWriter(connection, schema, ownership, notices::add);
            for (var section : Section.values()) {
                writer.write(section, object -> true);
            }
        }
    }

    private static void execute(String database, String... statements) throws SQLException {
        try (var connection = server.upstream().connect(database, "test");
                var statement = connection.createStatement()) {
            statement.execute("set search_path = public");
            for (var sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<String> query(String database, String sql) throws SQLException {
        var rows = new ArrayList<String>();
        try (var connection = server.upstream().connect(database, "test");
                var statement = connection.createStatement()) {
            statement.execute("set search_path = public");
            try (var result = statement.executeQuery(sql)) {
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
        }
        return rows;
    }
}
