package dev.holdfast.it.storage;

import dev.holdfast.engine.cluster.embedded.Directories;
import dev.holdfast.it.storage.server.AwsKmsServer;
import dev.holdfast.it.support.Rows;
import dev.holdfast.it.support.Sessions;
import dev.holdfast.it.support.TestHoldfast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Makes the golden backups of this build's format anew; CONTRIBUTING.md says when. */
@Tag("golden")
class GoldenBackups {
    @Test
    void make() throws Exception {
        var target = Golden.directory(Golden.VERSION);
        if (Files.exists(target)) {
            Directories.deleteRecursively(target);
        }
        Files.createDirectories(target);
        try (var kms = Golden.kms();
                var holdfast = TestHoldfast.start();
                var admin = holdfast.connect("postgres")) {
            Sessions.execute(admin, "create database golden");
            try (var golden = holdfast.connect("golden")) {
                create(golden);
                Files.write(target.resolve(Golden.STATES), backUp(golden, kms));
            }
            for (var kind : Golden.KINDS) {
                copy(holdfast.extern().resolve(kind), target.resolve(kind));
            }
        }
    }

    private static void create(Connection golden) throws Exception {
        Sessions.execute(
                golden,
                "create type mood as enum ('sad', 'ok', 'happy')",
                "create table customers (id int primary key, name text not null, feels mood, born date, tags text[], details jsonb)",
                "insert into customers select i, 'customer ' || i, (array['sad', 'ok', 'happy'])[1 + i % 3]::mood,"
                        + " date '1970-01-01' + i, array['t' || i, null], jsonb_build_object('n', i, 'x', null) from generate_series(1, 40) i",
                "create table orders (id bigint generated always as identity primary key, customer int references customers, amount numeric(12, 2),"
                        + " at timestamptz, picture bytea)",
                "insert into orders (customer, amount, at, picture) select 1 + i % 40, i / 3.0, timestamptz '2026-01-01 00:00:00+00' + i * interval '1 hour',"
                        + " decode(md5(i::text), 'hex') from generate_series(1, 100) i",
                "create index on orders (customer, at desc)",
                "create table keyless (a int, b text)",
                "insert into keyless values (1, 'tab\t, line\nand \\'), (1, 'tab\t, line\nand \\'), (null, null)",
                "create view totals as select customer, sum(amount) from orders group by customer");
    }

    /** Three layers of each kind, and two instants within each increment, with the rows that were there. */
    private static List<String> backUp(Connection golden, AwsKmsServer kms) throws Exception {
        var states = new ArrayList<String>();
        for (int layer = 0; layer < 3; layer++) {
            for (var kind : Golden.KINDS) {
                Sessions.execute(golden, "BACKUP DATABASE golden INTO " + (layer == 0 ? "" : "LATEST IN ") + "'nodelocal://1/" + kind
                        + "' WITH revision_history" + Golden.option(kind, kms));
            }
            if (layer < 2) {
                change(golden, layer);
                states.add(state(golden));
                Sessions.execute(golden, "truncate keyless", "alter table customers add column layer int default " + layer);
                Sessions.execute(golden, "insert into keyless values (7, 'seven'), (" + layer + ", 'layer')", "alter table customers drop column layer");
                states.add(state(golden));
            }
        }
        return states;
    }

    private static void change(Connection golden, int layer) throws Exception {
        Sessions.execute(
                golden,
                "update customers set name = name || ' the " + layer + ".', details = details || '{\"changed\": true}' where id % 7 = " + layer,
                "delete from orders where id % 10 = " + (3 + layer),
                "insert into orders (customer, amount, at) values (5, 0.01, timestamptz '2026-06-01 00:00:00+00')",
                "delete from keyless where ctid = (select min(ctid) from keyless)",
                "insert into keyless values (" + layer + ", 'more')");
    }

    private static String state(Connection golden) throws Exception {
        Sessions.execute(golden, "select pg_sleep(0.01)");
        var now = Sessions.one(golden, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
        Sessions.execute(golden, "select pg_sleep(0.01)");
        return now + " " + Rows.of(golden);
    }

    private static void copy(Path source, Path target) throws Exception {
        try (var files = Files.walk(source)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var copied = target.resolve(source.relativize(file));
                Files.createDirectories(copied.getParent());
                Files.copy(file, copied);
            }
        }
    }
}
