package dev.holdfast.engine.restore;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.collection.Chain;
import dev.holdfast.engine.collection.DatabaseDescriptor;
import dev.holdfast.engine.collection.FileEntry;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.history.TimeMap;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The instant of a chain that is restored.
 *
 * @param links of the chain, up to the one that covers the instant
 * @param descriptors of each link, in the same order
 * @param within the place inside of the last link, when the instant is not its end
 */
record RestorePoint(
        Chain chain, List<Chain.Link> links, List<List<DatabaseDescriptor>> descriptors, Optional<Lsn> within, Instant instant) {
    private static final String INVALID = "invalid RESTORE timestamp: ";

    static RestorePoint choose(Chain chain, Optional<Instant> asOf) throws IOException {
        if (asOf.isEmpty()) {
            chain.requireNewest();
        }
        var instant = asOf.orElse(chain.last().manifest().endTime());
        for (int i = 0; i < chain.links().size(); i++) {
            var manifest = chain.links().get(i).manifest();
            if (manifest.endTime().isBefore(instant)) {
                continue;
            }
            chain.requireWhole(i + 1);
            var links = chain.links().subList(0, i + 1);
            var descriptors = new ArrayList<List<DatabaseDescriptor>>();
            for (var link : links) {
                descriptors.add(link.layer().readDescriptors(link.manifest()));
            }
            Optional<Lsn> within = Optional.empty();
            if (!manifest.endTime().equals(instant)) {
                requireHistory(links, instant);
                within = Optional.of(place(links.getLast(), descriptors.getLast(), instant));
            }
            return new RestorePoint(chain, links, descriptors, within, instant);
        }
        throw invalid("supplied backups do not cover requested time")
                .withHint("The last backup ends at " + chain.last().manifest().endTime() + ".");
    }

    private static HoldfastException invalid(String why) {
        return HoldfastException.of(SqlState.UNCATEGORIZED, INVALID + why);
    }

    private static void requireHistory(List<Chain.Link> links, Instant instant) {
        var manifest = links.getLast().manifest();
        if (manifest.revisionStart().isEmpty()) {
            var nearest = links.size() == 1
                    ? " nearest backup time is " + manifest.endTime()
                    : " nearest BACKUP times are " + links.get(links.size() - 2).manifest().endTime() + " or " + manifest.endTime();
            throw invalid("restoring to arbitrary time requires that BACKUP for requested time be created with 'revision_history'"
                    + " option." + nearest);
        }
        if (!instant.isAfter(manifest.revisionStart().get())) {
            throw invalid("BACKUP for requested time only has revision history from " + manifest.revisionStart().get());
        }
    }

    // ---- from the instant to the place ----

    /** What a layer knows of one database's stream: where the clock stood, and when transactions were committed. */
    private static final class Timeline {
        private final List<Anchor> anchors = new ArrayList<>();
        private final List<Commit> commits = new ArrayList<>();

        private record Commit(Lsn end, Instant at) {}
    }

    /** The same for all databases, as it was for the backup's end. */
    private static Lsn place(Chain.Link link, List<DatabaseDescriptor> databases, Instant instant) throws IOException {
        var timelines = new HashMap<Integer, Timeline>();
        link.layer().readFiles(link.manifest(), entry -> {
            if (entry.content() == FileEntry.Content.TIMELINE) {
                var timeline = timelines.computeIfAbsent(entry.database(), d -> new Timeline());
                LayerFile.read(link.layer(), entry, in -> read(in, timeline));
            }
        });
        var place = link.manifest().servers().getFirst().cut().orElseThrow();
        for (var database : databases) {
            var timeline = timelines.get(database.index());
            if (timeline != null) {
                place = Lsn.min(place, place(timeline, instant, place));
            }
        }
        return place;
    }

    private static Lsn place(Timeline timeline, Instant instant, Lsn end) {
        var map = TimeMap.of(instant, timeline.anchors)
                .orElseThrow(() -> invalid("the revision history does not reach back to " + instant));
        for (var commit : timeline.commits) {
            if (map.from().lsn().isBefore(commit.end())
                    && map.to().map(to -> commit.end().isBefore(to.lsn())).orElse(true)
                    && map.isAfter(commit.at())) {
                return commit.end();
            }
        }
        return map.to().map(Anchor::lsn).orElse(end);
    }

    private static long read(InputStream in, Timeline timeline) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
        long lines = 0;
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            var fields = line.split("\t");
            var lsn = new Lsn(Long.parseUnsignedLong(fields[1]));
            var at = Instant.EPOCH.plus(Long.parseLong(fields[2]), ChronoUnit.MICROS);
            if (fields[0].equals("A")) {
                timeline.anchors.add(new Anchor(lsn, at, Long.parseLong(fields[3]), UUID.fromString(fields[4])));
            } else {
                timeline.commits.add(new Timeline.Commit(lsn, at));
            }
            lines++;
        }
        return lines;
    }

    // ---- what there is then ----

    /** The databases as they were defined at the instant. */
    List<DatabaseDescriptor> databases() {
        var last = descriptors.getLast();
        if (within.isEmpty()) {
            return last;
        }
        var chosen = new ArrayList<DatabaseDescriptor>();
        for (var database : last) {
            chosen.add(links.get(definedBy(database)) == links.getLast()
                    ? database
                    : before(database.name()).orElseThrow().withSequencesOf(database));
        }
        return chosen;
    }

    /** Which link's schema of the database was in force: its own from its last change on, the one before up to its first. */
    private int definedBy(DatabaseDescriptor database) {
        var position = database.stream();
        if (within.isEmpty() || position.isEmpty() || position.get().lastDefinition().isEmpty()) {
            return links.size() - 1;
        }
        var last = position.get().lastDefinition().get();
        if (last.lsn().isBefore(within.get())) {
            return links.size() - 1;
        }
        var first = position.get().firstDefinition().orElseThrow();
        if (links.size() > 1 && !first.lsn().isBefore(within.get()) && before(database.name()).isPresent()) {
            return links.size() - 2;
        }
        throw invalid("the definitions of database \"" + database.name() + "\" at " + instant + " are not in the backup")
                .withHint("They were changed from " + first.at() + " to " + last.at()
                        + "; times before the first and after the last of these can be restored.");
    }

    private Optional<DatabaseDescriptor> before(String name) {
        return descriptors.size() < 2
                ? Optional.empty()
                : descriptors.get(descriptors.size() - 2).stream().filter(d -> d.name().equals(name)).findFirst();
    }

    /** The layer whose schema of the database is taken; its large objects are taken, too. */
    int layerOf(DatabaseDescriptor database) {
        return descriptors.getLast().contains(database) ? links.size() - 1 : links.size() - 2;
    }

    static HoldfastException notCovered(String table, Instant instant) {
        return invalid("the rows of table \"" + table + "\" at " + instant + " are not in the backup")
                .withHint("The table was emptied, rewritten or redefined around that time, and the backup holds its rows from a later one."
                        + " The end of a layer can always be restored.");
    }
}
