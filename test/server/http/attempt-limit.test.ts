import { describe, expect, test } from "bun:test";
import { countedAddress } from "../../../src/server/http/attempt-limit.ts";

describe("attempts are counted by", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::6", "2001:db8:1:2::/64"],
    ["2001:DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["no address", "no address"],
    ["a:b", "a:b"],
    [undefined, "unknown"],
  ])("%p as %s", (sourceAddress, counted) => expect(countedAddress({ sourceAddress })).toBe(counted));
});
