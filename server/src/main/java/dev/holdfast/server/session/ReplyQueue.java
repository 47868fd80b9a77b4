package dev.holdfast.server.session;

import dev.holdfast.server.wire.Backend;
import dev.holdfast.server.wire.Frontend;
import java.util.ArrayDeque;

/**
 * The replies that the upstream still owes, in order: the state machine of a session. It does no IO.
 *
 * <p>Every message that is sent upstream and has a reply enters here; every message that comes back is looked up here and
 * told what becomes of it: forwarded, or swallowed because it answers one of our own messages. That is what keeps our own
 * answers at their place in the middle of a pipeline.
 *
 * <p>The rules of the protocol that matter:
 * <ul>
 * <li>An error in the extended protocol makes the server skip everything up to the next Sync: what was sent in between gets
 *     no reply. An error in a simple query ends that query alone.
 * <li>While the server copies in, it ignores Sync and Flush: such a Sync gets no ReadyForQuery. Whether it was sent before
 *     the client could know about the copying makes no difference.
 * <li>NoticeResponse, NotificationResponse and ParameterStatus may come at any time and answer nothing.
 * </ul>
 */
final class ReplyQueue {
    /** What one message of the upstream is to the session. */
    enum Disposition {
        FORWARD,
        SWALLOW
    }

    /** How the part of a step in the queue ends. */
    enum End {
        COMPLETED,
        FAILED,
        /** An error before it made the server skip it. */
        SKIPPED
    }

    /** A message of our own among the client's: told what becomes of it. */
    interface OwnStep {
        /** A message answers this step. */
        Disposition on(byte type);

        /** No more messages will; a step that is COMPLETED may put others into the queue. */
        void ended(End end);
    }

    // Entries of the ring. Those of own steps have their object in `ownSteps`, in the same order.
    private static final byte QUERY = 1;
    private static final byte PARSE = 2;
    private static final byte BIND = 3;
    private static final byte DESCRIBE = 4;
    private static final byte EXECUTE = 5;
    private static final byte CLOSE = 6;
    private static final byte SYNC = 7;
    private static final byte FUNCTION_CALL = 8;
    /** CopyDone or CopyFail sent before the server was known to copy; has no reply. */
    private static final byte COPY_END = 9;

    private static final byte OWN = 0x10;

    private byte[] ring = new byte[16];
    private int head;
    private int size;
    private final ArrayDeque<OwnStep> ownSteps = new ArrayDeque<>(2);

    private boolean skipping;
    private boolean copyingIn;

    /** Whether the upstream owes nothing: it is idle, or waits for more of an unfinished pipeline. */
    boolean isEmpty() {
        return size == 0;
    }

    /** Whether only the reply that is coming in is owed. */
    boolean isLast() {
        return size <= 1;
    }

    /** The upstream takes copy data, and nothing but CopyDone or CopyFail ends that. */
    boolean isCopyingIn() {
        return copyingIn;
    }

    /** Whether an error has made the upstream skip to the next Sync. */
    boolean isSkipping() {
        return skipping;
    }

    boolean hasOwnSteps() {
        return !ownSteps.isEmpty();
    }

    /** Whether the next reply answers a message of our own. */
    boolean isOwnNext() {
        dropCopyEnds();
        return size > 0 && (ring[head] & OWN) != 0;
    }

    /** A message of the client goes upstream as it is. */
    void sent(byte type) {
        switch (type) {
            case Frontend.COPY_DATA, Frontend.FLUSH, Frontend.TERMINATE, Frontend.PASSWORD -> {}
            case Frontend.COPY_DONE, Frontend.COPY_FAIL -> {
                if (copyingIn) {
                    copyingIn = false;
                } else if (size > 0 && !skipping) {
                    add(COPY_END);
                }
            }
            case Frontend.SYNC -> {
                if (!copyingIn) {
                    add(SYNC);
                    skipping = false;
                }
            }
            default -> {
                if (!skipping) {
                    add(entryOf(type));
                }
            }
        }
    }

    /** A message of our own goes upstream; {@code type} is the client message it has the form of. */
    void sentOwn(byte type, OwnStep step) {
        if (skipping) {
            step.ended(End.SKIPPED);
            return;
        }
        add((byte) (entryOf(type) | OWN));
        ownSteps.add(step);
    }

    private static byte entryOf(byte type) {
        return switch (type) {
            case Frontend.QUERY -> QUERY;
            case Frontend.PARSE -> PARSE;
            case Frontend.BIND -> BIND;
            case Frontend.DESCRIBE -> DESCRIBE;
            case Frontend.EXECUTE -> EXECUTE;
            case Frontend.CLOSE -> CLOSE;
            case Frontend.SYNC -> SYNC;
            case Frontend.FUNCTION_CALL -> FUNCTION_CALL;
            default -> throw new IllegalArgumentException("has no reply: " + (char) type);
        };
    }

    /** A message has come from the upstream. */
    Disposition received(byte type) {
        if (type == Backend.NOTICE_RESPONSE || type == Backend.NOTIFICATION_RESPONSE || type == Backend.PARAMETER_STATUS) {
            return Disposition.FORWARD;
        }
        dropCopyEnds();
        if (size == 0) {
            // Nothing was owed, and yet the upstream is ready: it has taken a Sync that was sent while it copied, for it had
            // met an error in the data by then.
            skipping &= type != Backend.READY_FOR_QUERY;
            return Disposition.FORWARD;
        }
        byte entry = ring[head];
        boolean own = (entry & OWN) != 0;
        var step = own ? ownSteps.peek() : null;
        var disposition = own ? step.on(type) : Disposition.FORWARD;
        switch (type) {
            case Backend.ERROR_RESPONSE -> failed((byte) (entry & ~OWN));
            case Backend.COPY_IN_RESPONSE -> copyIn();
            default -> {
                if (completes(type, (byte) (entry & ~OWN))) {
                    remove(End.COMPLETED);
                }
            }
        }
        return disposition;
    }

    private static boolean completes(byte type, byte entry) {
        return switch (entry) {
            case QUERY, SYNC, FUNCTION_CALL -> type == Backend.READY_FOR_QUERY;
            case PARSE -> type == Backend.PARSE_COMPLETE;
            case BIND -> type == Backend.BIND_COMPLETE;
            case DESCRIBE -> type == Backend.ROW_DESCRIPTION || type == Backend.NO_DATA;
            case EXECUTE ->
                type == Backend.COMMAND_COMPLETE || type == Backend.EMPTY_QUERY_RESPONSE || type == Backend.PORTAL_SUSPENDED;
            case CLOSE -> type == Backend.CLOSE_COMPLETE;
            default -> throw new IllegalStateException("entry " + entry);
        };
    }

    /** An error ends a simple query, but not before its ReadyForQuery; in the extended protocol it ends all up to Sync. */
    private void failed(byte entry) {
        copyingIn = false;
        switch (entry) {
            case QUERY, SYNC, FUNCTION_CALL -> {}
            default -> {
                remove(End.FAILED);
                while (size > 0 && (ring[head] & ~OWN) != SYNC) {
                    remove(End.SKIPPED);
                }
                skipping = size == 0;
            }
        }
    }

    /** What was sent behind the COPY is read by it: Syncs are ignored, CopyDone or CopyFail ends it. */
    private void copyIn() {
        copyingIn = true;
        int kept = 1;
        for (int i = 1; i < size; i++) {
            byte entry = at(i);
            if (copyingIn && entry == SYNC) {
                continue;
            }
            if (copyingIn && entry == COPY_END) {
                copyingIn = false;
                continue;
            }
            ring[(head + kept) & (ring.length - 1)] = entry;
            kept++;
        }
        size = kept;
    }

    /** Copy messages to a server that does not copy are ignored. */
    private void dropCopyEnds() {
        while (size > 0 && ring[head] == COPY_END) {
            head = (head + 1) & (ring.length - 1);
            size--;
        }
    }

    private byte at(int index) {
        return ring[(head + index) & (ring.length - 1)];
    }

    private void remove(End end) {
        boolean own = (ring[head] & OWN) != 0;
        head = (head + 1) & (ring.length - 1);
        size--;
        if (own) {
            ownSteps.remove().ended(end);
        }
    }

    private void add(byte entry) {
        if (size == ring.length) {
            var larger = new byte[ring.length * 2];
            for (int i = 0; i < size; i++) {
                larger[i] = at(i);
            }
            ring = larger;
            head = 0;
        }
        ring[(head + size) & (ring.length - 1)] = entry;
        size++;
    }
}
