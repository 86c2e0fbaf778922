import { type Static, type TSchema, Type } from "@sinclair/typebox";
import {
  dictionary,
  email,
  fields,
  flag,
  freeObject,
  integer,
  list,
  nullable,
  type ObjectRule,
  oneOf,
  optional,
  text,
  url,
} from "../wire.ts";

/** A file that travels with a job (server-api section 4.2). */
export const Attachment = fields(
  {
    agent: text({ description: "Path below the phase's folder under which the agent finds the file" }),
    device: optional(text({ description: "Where the file goes on the device" })),
  },
  { title: "Attachment" },
);

const image = url("Image to install");
const attachments = optional(list(Attachment, { description: "Files sent along with the job" }));
const robotTasks = list(text(), { description: "Robot Framework tasks to run in order" });
const timeout = optional(integer({ description: "Longest time for provisioning, in seconds" }));
const ubuntuSso = optional(email("Ubuntu SSO account of the device"));

const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "";

const imageOrAttachment: ObjectRule = (data) =>
  "url" in data || "use_attachment" in data ? undefined : "Either 'url' or 'use_attachment' must be given.";

const exactlyOneSource: ObjectRule = (data) =>
  [data.url, data.urls, data.attachments].filter(isFilled).length === 1
    ? undefined
    : "Give exactly one of 'url', 'urls' and 'attachments'.";

const iotSources = {
  url: optional(image),
  urls: optional(list(url("Image"), { minItems: 1, description: "Images to install" })),
  attachments: optional(list(Attachment, { maxItems: 1, description: "The image, sent along with the job" })),
  agent_ssh_access: optional(flag({ description: "Let the agent in by ssh" })),
  provisioning_timeout: timeout,
};

/**
 * The 13 forms of `provision_data`, in the order in which they are tried: the first that fits without an unknown field is taken
 * (server-api section 4.2).
 */
export const PROVISION_VARIANTS = {
  cm3: fields({ url: image }, { title: "CM3" }),
  maas: fields(
    {
      distro: optional(text({ description: "Series to deploy" })),
      kernel: optional(text()),
      user_data: optional(text({ description: "cloud-init user data, base64" })),
      disks: optional(list(freeObject("Disk layout entry"))),
      ephemeral: optional(flag({ description: "Deploy to memory" })),
    },
    { title: "MAAS" },
  ),
  multi: fields({ jobs: list(freeObject("Job of one device"), { minItems: 1 }) }, { title: "Multi-device" }),
  muxpi: fields(
    {
      url: optional(image),
      use_attachment: optional(text()),
      attachments,
      create_user: optional(flag()),
      boot_check_url: optional(text()),
      media: optional(oneOf(["sd", "usb"])),
    },
    { title: "MuxPi", rule: imageOrAttachment },
  ),
  noprovision: fields({ skip: optional(flag({ default: true })) }, { title: "No provisioning" }),
  oem_autoinstall: fields(
    {
      url: optional(image),
      attachments,
      token_file: optional(text()),
      user_data: optional(text()),
      redeploy_cfg: optional(text()),
      authorized_keys: optional(text()),
      update_user_data: optional(flag()),
      control_host_iso_url: optional(text()),
      control_host_iso_type: optional(text()),
    },
    { title: "OEM autoinstall" },
  ),
  oem_script: fields({ url: image }, { title: "OEM script" }),
  control_host_iot_custom: fields(
    { ...iotSources, provision_plan: freeObject("Zapper provisioning plan"), ubuntu_sso_email: ubuntuSso },
    { title: "Control host, IoT, custom plan", rule: exactlyOneSource },
  ),
  control_host_iot_preset: fields(
    { ...iotSources, preset: text(), preset_kwargs: optional(freeObject("Arguments of the preset")) },
    { title: "Control host, IoT, preset", rule: exactlyOneSource },
  ),
  control_host_kvm_autoinstall: fields(
    {
      url: image,
      robot_tasks: robotTasks,
      robot_retries: optional(integer()),
      autoinstall_storage_layout: optional(text()),
      autoinstall_base_user_data: optional(text()),
      autoinstall_oem: optional(flag()),
      cmdline_append: optional(text()),
      provisioning_timeout: timeout,
      ubuntu_sso_email: ubuntuSso,
    },
    { title: "Control host, KVM, autoinstall" },
  ),
  control_host_kvm_generic: fields(
    {
      url: image,
      robot_tasks: robotTasks,
      live_image: flag(),
      wait_until_ssh: flag(),
      robot_retries: optional(integer()),
      provisioning_timeout: timeout,
    },
    { title: "Control host, KVM, generic" },
  ),
  control_host_kvm_oem_2204: fields(
    {
      alloem_url: url("Image of all OEM devices"),
      robot_tasks: robotTasks,
      robot_retries: optional(integer()),
      url: optional(image),
      oem: optional(text()),
      provisioning_timeout: timeout,
    },
    { title: "Control host, KVM, OEM 22.04" },
  ),
  control_host_kvm_preset: fields(
    {
      preset: text(),
      alloem_url: optional(url("Image of all OEM devices")),
      url: optional(image),
      robot_tasks: optional(robotTasks),
      autoinstall_base_user_data: optional(text()),
      autoinstall_storage_layout: optional(text()),
      autoinstall_oem: optional(flag()),
      cmdline_append: optional(text()),
      oem: optional(text()),
      live_image: optional(flag()),
      wait_until_ssh: optional(flag()),
      ubuntu_sso_email: ubuntuSso,
      provisioning_timeout: timeout,
    },
    { title: "Control host, KVM, preset" },
  ),
} as const satisfies Record<string, TSchema>;

export type ProvisionData = Static<(typeof PROVISION_VARIANTS)[keyof typeof PROVISION_VARIANTS]>;

/** `provision_data`: null, or an object that fits one of the variants. */
export const ProvisionDataSchema = nullable(
  Type.Unsafe<ProvisionData>({
    anyOf: Object.values(PROVISION_VARIANTS),
    mismatch: "Invalid provision data schema.",
    description: "How to provision the device; the first of the forms that fits is taken",
  }),
);

/** Environment variable -> path of a secret of the submitter. */
export const SecretPaths = dictionary(text({ pattern: "^[a-zA-Z0-9_/-]+$" }), {
  key: "^[a-zA-Z_][a-zA-Z0-9_]*$",
  description: "Environment variable -> path of a secret of the submitter",
});
