import CFFmpeg
import Media

/// What a packet of sound says of itself, for codecs whose packets have headers.
struct SoundHeader {
  /// Samples a second.
  let rate: Int
  /// Nil for codecs that are described in their packets alone.
  let adts: ADTSHeader?

  init?(_ packet: UnsafePointer<AVPacket>, _ codec: AVCodecID) {
    guard packet.pointee.size >= ADTSHeader.size, let data = packet.pointee.data else { return nil }
    adts = codec == AV_CODEC_ID_AAC ? ADTSHeader(packet) : nil
    let found: Int? =
      switch codec {
      case AV_CODEC_ID_AAC: adts?.rate
      case AV_CODEC_ID_MP2, AV_CODEC_ID_MP3: Self.rateOfMPEG(data)
      case AV_CODEC_ID_AC3: Self.rateOfAC3(data)
      default: nil
      }
    guard let found else { return nil }
    rate = found
  }

  /// ISO/IEC 11172-3, and 13818-3 for half the rates; a quarter of them is a later addition.
  private static func rateOfMPEG(_ data: UnsafePointer<UInt8>) -> Int? {
    let (version, code) = (data[1] >> 3 & 3, Int(data[2] >> 2 & 3))
    guard data[0] == 0xff, data[1] & 0xe0 == 0xe0, version != 1, code < 3 else { return nil }
    return [44_100, 48_000, 32_000][code] / (version == 3 ? 1 : version == 2 ? 2 : 4)
  }

  /// ETSI TS 102 366, 4.3.
  private static func rateOfAC3(_ data: UnsafePointer<UInt8>) -> Int? {
    let (code, version) = (Int(data[4] >> 6), Int(data[5] >> 3))
    guard data[0] == 0x0b, data[1] == 0x77, code < 3, version <= 10 else { return nil }
    return [48_000, 44_100, 32_000][code] >> max(0, version - 8)
  }

  /// One description suffices for both.
  func describesSame(as other: SoundHeader) -> Bool {
    if let adts, let other = other.adts { return adts.describesSame(as: other) }
    return rate == other.rate
  }

  /// As in "44100 samples a second of 2 channels".
  var text: String {
    guard let channels = adts?.channels else { return "\(rate) samples a second" }
    return "\(rate) samples a second of \(channels) \(channels == 1 ? "channel" : "channels")"
  }
}
