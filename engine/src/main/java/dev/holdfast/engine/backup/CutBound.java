package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.Anchor;
import dev.holdfast.engine.history.TimeMap;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * What is known of the cut while the stream of one database is being read. The cut is one for all databases, and each has its say:
 * it is the first of the places that they find.
 */
final class CutBound {
    /** Of a transaction, seen from the cut. */
    enum Side {
        BEFORE,
        BEHIND,
        /** That depends on databases that have not been read yet. */
        OPEN
    }

    private final Lsn from;
    private final Predicate<Instant> isBehind;
    private final Lsn foundByOthers;
    private final Lsn leastOfOthers;
    private Lsn found;

    /**
     * The place is that of the first transaction that ends behind {@code from} and whose time is behind what is looked for.
     *
     * @param limit the place, if there is no such transaction before it
     * @param foundByOthers which have been read
     * @param leastOfOthers which have not been read: none of them finds a place before it
     */
    private CutBound(Lsn from, Predicate<Instant> isBehind, Lsn limit, Lsn foundByOthers, Lsn leastOfOthers) {
        this.from = from;
        this.isBehind = isBehind;
        this.foundByOthers = foundByOthers;
        this.leastOfOthers = leastOfOthers;
        this.found = limit;
    }

    /** It has been found before. */
    static CutBound known(Lsn cut) {
        return new CutBound(cut, at -> false, cut, Lsn.MAX, Lsn.MAX);
    }

    /** Of the moment of the snapshots. {@code least}: what ends before it was committed before {@code now}, in all databases. */
    static CutBound now(Instant now, Lsn least, Lsn barrier) {
        return new CutBound(least, at -> at.isAfter(now), barrier, Lsn.MAX, least);
    }

    /** Of an instant; see the constructor. */
    static CutBound past(TimeMap map, Lsn barrier, Lsn foundByOthers, Lsn leastOfOthers) {
        return new CutBound(map.from().lsn(), map::isAfter, map.to().map(Anchor::lsn).orElse(barrier), foundByOthers, leastOfOthers);
    }

    /** The cut is not before it. */
    Lsn least() {
        return Lsn.min(foundByOthers, from);
    }

    /** Asked of every transaction, in the order of the stream. */
    Side side(Lsn commit, Instant at) {
        if (from.isBefore(commit) && isBehind.test(at)) {
            found = Lsn.min(found, commit);
        }
        if (!commit.isBefore(Lsn.min(found, foundByOthers))) {
            return Side.BEHIND;
        }
        return commit.isBefore(leastOfOthers) ? Side.BEFORE : Side.OPEN;
    }

    /** Where this database, when it has been read, says that the cut is. */
    Lsn found() {
        return found;
    }
}
