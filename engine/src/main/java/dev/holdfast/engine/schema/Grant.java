package dev.holdfast.engine.schema;

import java.util.List;

/**
 * One GRANT or REVOKE.
 *
 * @param roles the roles it names (PUBLIC is none): a restore leaves it out when one of them does not exist
 * @param grantor who has to execute it, where that is not the owner: PostgreSQL records the grantor, and a grant that was
 *     passed on under a grant option falls with it
 */
public record Grant(String statement, List<String> roles, String grantor) {}
