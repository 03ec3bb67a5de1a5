/** What Home Assistant's card editor needs to add a card, and to ask which satellite it shows. */

/** @import { HomeAssistant } from "./frontend.d.ts" */

const [DOMAIN, INTEGRATION] = ["assist_satellite", "indoor_voice"];

/**
 * Return the configuration of a new card: a satellite that the dashboard doesn't show yet, if there is one.
 * @param {HomeAssistant} hass
 * @param {string[]} [unused] the entities that the dashboard doesn't show
 */
export function newConfig(hass, unused = []) {
  const satellites = Object.keys(hass.entities).filter(
    (id) => id.startsWith(`${DOMAIN}.`) && hass.entities[id]?.platform === INTEGRATION,
  );
  return { entity: satellites.find((id) => unused.includes(id)) ?? satellites[0] ?? "" };
}

/** The form that asks for the satellite. */
export const form = {
  schema: [
    { name: "entity", required: true, selector: { entity: { filter: { domain: DOMAIN, integration: INTEGRATION } } } },
  ],
  computeLabel: (/** @type {object} */ _, /** @type {(key: string) => string} */ localize) =>
    localize(`component.${DOMAIN}.entity_component._.name`),
};
