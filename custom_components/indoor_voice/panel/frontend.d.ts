/** The parts of Home Assistant's frontend that the panel uses. */

/** Home Assistant's frontend, as far as the panel uses it. */
export interface HomeAssistant {
  callWS<Result>(message: { type: string }): Promise<Result>;
  connection: Connection;
  locale: Locale;
  areas: Record<string, { area_id: string; name: string; aliases?: string[] }>;
  floors?: Record<string, { floor_id: string; name: string; aliases?: string[] }>;
  devices: Record<string, Device>;
  entities: Record<string, Entity>;
  states: Record<string, { state: string; attributes?: { friendly_name?: string } }>;
  user: { name: string };
  config: { location_name: string; state: string };
}

export interface Connection {
  subscribeMessage(
    callback: (event: unknown) => void,
    message: { type: string },
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  addEventListener(type: "ready", listener: () => void): void;
  removeEventListener(type: "ready", listener: () => void): void;
}

export interface Locale {
  language: string;
  time_format: string;
}

export interface Entity {
  entity_id: string;
  device_id?: string | null;
  platform?: string;
  translation_key?: string;
}

export interface Device {
  id: string;
  area_id: string | null;
  identifiers: [domain: string, id: string][];
}

/** What a dashboard stores of a card. */
export interface CardConfig {
  type: string;
  entity?: string;
}

/** What the card picker shows of a card. */
export interface CardEntry {
  type: string;
  name: string;
  description: string;
  preview: boolean;
  documentationURL: string;
  getEntitySuggestion(hass: HomeAssistant, entity: string): { config: CardConfig } | null;
}

declare global {
  var customCards: CardEntry[] | undefined;
}
