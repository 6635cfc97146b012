import CFFmpeg

/// The header in front of each packet of AAC in a transport stream (ADTS, ISO/IEC 13818-7, table 8).
package struct ADTSHeader {
  /// Samples a second, and the number that stands for the loudspeakers: up to 6 that of the channels, 7 for eight of them.
  package let rate, channelCode: Int
  private let profile, rateCode: UInt8
  /// Blocks of 1024 samples in the packet.
  package let blocks: Int

  /// Bytes of a header without a check sum.
  package static let size = 7
  private static let rates = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
  ]

  /// Nil where a packet does not begin with one.
  package init?(_ packet: UnsafePointer<AVPacket>) {
    guard packet.pointee.size >= Self.size, let data = packet.pointee.data else { return nil }
    guard data[0] == 0xff, data[1] & 0xf6 == 0xf0 else { return nil }
    (profile, rateCode) = (data[2] >> 6, data[2] >> 2 & 15)
    guard rateCode < Self.rates.count else { return nil }
    rate = Self.rates[Int(rateCode)]
    channelCode = Int(data[2] & 1) << 2 | Int(data[3] >> 6)
    blocks = Int(data[6] & 3) + 1
  }

  package var channels: Int { channelCode == 7 ? 8 : channelCode }

  /// One description suffices for both.
  package func describesSame(as other: ADTSHeader) -> Bool {
    rate == other.rate && channelCode == other.channelCode && profile == other.profile
  }

  /// The header of another packet of so many bytes, in one block.
  package func bytes(forPayload payload: Int) -> [UInt8] {
    let length = payload + Self.size
    // No check sum; the fullness of the buffer is that of a variable bit rate, 0x7ff.
    return [
      0xff, 0xf1, profile << 6 | rateCode << 2 | UInt8(channelCode >> 2),
      UInt8(channelCode & 3) << 6 | UInt8(truncatingIfNeeded: length >> 11 & 3),
      UInt8(truncatingIfNeeded: length >> 3), UInt8(truncatingIfNeeded: length & 7) << 5 | 0x1f, 0xfc,
    ]
  }
}
