package dev.holdfast.engine.collection;

import dev.holdfast.engine.storage.ExternalStorage;
import dev.holdfast.engine.storage.ObjectNotFoundException;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** Objects in a layer's directory that are written if absent, and say who may write: this layer, and the one that leads on from it. */
public final class LayerLocks {
    static final String LOCK = "BACKUP-LOCK";
    private static final String NEXT = "NEXT-";
    private static final String RELEASED = "-RELEASED";

    private final ExternalStorage stored;

    LayerLocks(ExternalStorage stored) {
        this.stored = stored;
    }

    /** Who writes a layer. */
    public record Owner(long job, String attempt) {}

    /** Takes the directory for this job, or says who has it. */
    public void take(Owner owner) throws IOException {
        var body = JsonLines.JSON.writeValueAsBytes(owner);
        if (stored.putIfAbsent(LOCK, body)) {
            return;
        }
        var present = owner();
        if (present.isPresent() && present.get().job() == owner.job()) {
            return;
        }
        throw Layer.exists(stored.describe("") + " already contains a `BACKUP-LOCK` file written by job "
                + present.map(p -> Long.toString(p.job())).orElse("unknown"));
    }

    /** Who has locked the directory, if anybody has. */
    public Optional<Owner> owner() throws IOException {
        return owner(LOCK);
    }

    private Optional<Owner> owner(String lock) throws IOException {
        try (var in = stored.read(lock)) {
            return Optional.of(JsonLines.JSON.readValue(in.readAllBytes(), Owner.class));
        } catch (ObjectNotFoundException | JacksonException e) {
            // Removed at this moment, or not one of ours: there is a lock, and that is all there is to know.
            return Optional.empty();
        }
    }

    /**
     * Takes the right to lead on from this layer: two increments that both did would make two chains of one. Nothing is ever deleted
     * here, as some storages forbid it: who gives the right back says so in an object beside, and it is taken anew with the next number.
     */
    public void takeNext(Owner owner) throws IOException {
        var body = JsonLines.JSON.writeValueAsBytes(owner);
        for (int n = 1; ; n++) {
            if (stored.putIfAbsent(NEXT + n, body)) {
                return;
            }
            var holder = owner(NEXT + n);
            if (holder.isPresent() && holder.get().job() == owner.job()) {
                return;
            }
            if (stored.size(NEXT + n + RELEASED).isEmpty()) {
                throw Layer.exists("job " + holder.map(h -> Long.toString(h.job())).orElse("unknown") + " leads on from " + stored.describe("")
                                + " at the same time")
                        .withHint("Append again when it has ended; or take a full backup, if it never will. An increment that it has written to"
                                + " another place is found WITH incremental_location.");
            }
        }
    }

    /** Gives back what {@link #takeNext} has given this job, if it has. */
    public void releaseNext(Owner owner) throws IOException {
        for (int n = 1; stored.size(NEXT + n).isPresent(); n++) {
            if (owner(NEXT + n).filter(holder -> holder.job() == owner.job()).isPresent()) {
                stored.putIfAbsent(NEXT + n + RELEASED, JsonLines.JSON.writeValueAsBytes(owner));
            }
        }
    }
}
