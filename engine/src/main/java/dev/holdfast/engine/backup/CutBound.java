package dev.holdfast.engine.backup;

import dev.holdfast.engine.cluster.Lsn;
import dev.holdfast.engine.history.TimeMap;
import java.time.Instant;

/**
 * What is known of the cut while the stream of one database is being read. The cut is one for all databases, and each has its say:
 * it is the first of the places that they find.
 */
sealed interface CutBound {
    /** Of a transaction, seen from the cut. */
    enum Side {
        BEFORE,
        BEHIND,
        /** That depends on databases that have not been read yet. */
        OPEN
    }

    /** The cut is not before it. */
    Lsn least();

    /** Asked of every transaction, in the order of the stream. */
    Side side(Lsn commit, Instant at);

    /** Where this database, when it has been read, says that the cut is. */
    Lsn found();

    /** The cut is known already. */
    record Known(Lsn cut) implements CutBound {
        @Override
        public Lsn least() {
            return cut;
        }

        @Override
        public Side side(Lsn commit, Instant at) {
            return commit.isBefore(cut) ? Side.BEFORE : Side.BEHIND;
        }

        @Override
        public Lsn found() {
            return cut;
        }
    }

    /** The first transaction that comes after the moment of the snapshots. */
    final class OfNow implements CutBound {
        private final Instant now;
        private final Lsn least;
        private Lsn found;

        /** {@code least}: what ends before it was committed before {@code now}. */
        OfNow(Instant now, Lsn least, Lsn barrier) {
            this.now = now;
            this.least = least;
            this.found = barrier;
        }

        @Override
        public Lsn least() {
            return least;
        }

        @Override
        public Side side(Lsn commit, Instant at) {
            if (least.isBefore(commit) && at.isAfter(now)) {
                found = Lsn.min(found, commit);
            }
            if (!commit.isBefore(found)) {
                return Side.BEHIND;
            }
            return commit.isBefore(least) ? Side.BEFORE : Side.OPEN;
        }

        @Override
        public Lsn found() {
            return found;
        }
    }

    /** The first transaction that comes after an instant, or the anchor behind it. */
    final class OfPast implements CutBound {
        private final TimeMap map;
        private final Lsn limit;
        private final Lsn foundByOthers;
        private final Lsn leastOfOthers;
        private Lsn found;

        /**
         * @param foundByOthers which have been read
         * @param leastOfOthers which have not been read: none of them finds a place before it
         */
        OfPast(TimeMap map, Lsn barrier, Lsn foundByOthers, Lsn leastOfOthers) {
            this.map = map;
            this.limit = map.to().isPresent() ? map.to().get().lsn() : barrier;
            this.foundByOthers = foundByOthers;
            this.leastOfOthers = leastOfOthers;
            this.found = limit;
        }

        @Override
        public Lsn least() {
            return Lsn.min(foundByOthers, map.from().lsn());
        }

        @Override
        public Side side(Lsn commit, Instant at) {
            if (map.from().lsn().isBefore(commit) && map.isAfter(at)) {
                found = Lsn.min(found, commit);
            }
            if (!commit.isBefore(Lsn.min(found, foundByOthers))) {
                return Side.BEHIND;
            }
            return commit.isBefore(leastOfOthers) ? Side.BEFORE : Side.OPEN;
        }

        @Override
        public Lsn found() {
            return found;
        }
    }
}
