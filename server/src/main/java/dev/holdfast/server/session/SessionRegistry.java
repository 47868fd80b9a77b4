package dev.holdfast.server.session;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The sessions of this process, and how a CancelRequest finds one. */
final class SessionRegistry {
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<CancelKey, Session> byCancelKey = new ConcurrentHashMap<>();

    private volatile boolean draining;

    /** False when there is no room for one more, or none is wanted any more. */
    boolean add(Session session, int limit) {
        if (draining || sessions.size() >= limit) {
            return false;
        }
        return sessions.add(session);
    }

    void startDraining() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    void named(CancelKey key, Session session) {
        byCancelKey.put(key, session);
    }

    void remove(Session session, CancelKey key) {
        sessions.remove(session);
        if (key != null) {
            // Only if it is still this one's: the upstream may have given the same pid and secret out again.
            byCancelKey.remove(key, session);
        }
    }

    Optional<Session> find(CancelKey key) {
        return Optional.ofNullable(byCancelKey.get(key));
    }

    Collection<Session> all() {
        return sessions;
    }

    int size() {
        return sessions.size();
    }
}
