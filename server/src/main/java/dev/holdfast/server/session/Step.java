package dev.holdfast.server.session;

import dev.holdfast.server.wire.Backend;
import java.util.function.Consumer;

/** The two simple kinds of steps: those whose answer is the client's too, and those whose answer is replaced. */
final class Step {
    private Step() {}

    /** The upstream's answer is the client's; {@code onEnd} keeps our books. */
    static ReplyQueue.OwnStep forwarding(Consumer<ReplyQueue.End> onEnd) {
        return new ReplyQueue.OwnStep() {
            @Override
            public ReplyQueue.Disposition on(byte type) {
                return ReplyQueue.Disposition.FORWARD;
            }

            @Override
            public void ended(ReplyQueue.End end) {
                onEnd.accept(end);
            }
        };
    }

    interface TypePredicate {
        boolean test(byte type);
    }

    /** What does not pass of the upstream's answer is replaced by what {@code instead} writes when the answer is complete. */
    static ReplyQueue.OwnStep replacing(TypePredicate passes, Runnable instead) {
        return new ReplyQueue.OwnStep() {
            @Override
            public ReplyQueue.Disposition on(byte type) {
                return passes.test(type) ? ReplyQueue.Disposition.FORWARD : ReplyQueue.Disposition.SWALLOW;
            }

            @Override
            public void ended(ReplyQueue.End end) {
                if (end == ReplyQueue.End.COMPLETED) {
                    instead.run();
                }
            }
        };
    }

    static boolean isError(byte type) {
        return type == Backend.ERROR_RESPONSE;
    }
}
