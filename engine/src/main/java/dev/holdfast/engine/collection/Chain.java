package dev.holdfast.engine.collection;

import java.util.List;
import java.util.Optional;

/**
 * A full backup and its increments, oldest first.
 *
 * @param lost increments that were finished and whose manifests are gone, as they may be shown
 */
public record Chain(BackupPath full, List<Link> links, List<String> lost) {
    /** {@code directory}: of an increment, below those of its full backup; empty for the full one. */
    public record Link(String directory, Layer layer, Manifest manifest) {}

    public Link last() {
        return links.getLast();
    }

    /** Fails unless each of the first {@code count} layers leads on from the one before: changes mean nothing after anything else. */
    public void requireWhole(int count) {
        for (int i = 0; i < count; i++) {
            var expected = i == 0 ? Optional.empty() : Optional.of(links.get(i - 1).manifest().id());
            if (!links.get(i).manifest().previous().equals(expected)) {
                throw Damage.of(
                        links.get(i).layer().uri(),
                        i == 0 ? "it is an increment in the place of a full backup" : "the layer that it leads on from is not there");
            }
        }
    }

    /** Fails if there was a layer behind the last one: what the user asks for, the newest state, was in it. */
    public void requireNewest() {
        if (!lost.isEmpty()) {
            throw Damage.of(lost.getLast(), "it is missing").withHint("AS OF SYSTEM TIME restores what the layers before it hold.");
        }
    }
}
