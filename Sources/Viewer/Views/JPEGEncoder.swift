import CTurboJPEG
import Imaging
import Synchronization
import Telemetry

/// R'G'B' bytes to JPEG, by libjpeg-turbo. Any number of threads.
enum JPEGEncoder {
  private struct Handles: @unchecked Sendable {
    // Safety: a handle is in here only while nobody uses it.
    var free: [UnsafeMutableRawPointer] = []
  }
  private static let handles = Mutex(Handles())

  /// The picture of `width` times `height` pixels of three bytes.
  /// - Throws: a sentence with libjpeg's own words.
  static func encode(_ pixels: [UInt8], width: Int, height: Int, quality: Int = 82) throws -> [UInt8] {
    guard width > 0, height > 0, width < 65500, height < 65500, pixels.count >= width * height * 3 else {
      throw UserError("a picture of \(width)x\(height) pixels cannot be a JPEG")
    }
    let handle = try take()
    defer { handles.withLock { $0.free.append(handle) } }
    var buffer: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer { tjFree(buffer) }
    // Small text-like tiles would bleed with halved chroma, but the eye cannot tell at these sizes; pictures are twice as cheap.
    let status = pixels.withUnsafeBufferPointer {
      tjCompress2(
        handle, $0.baseAddress, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &buffer, &size,
        Int32(TJSAMP_420.rawValue), Int32(quality), TJFLAG_FASTDCT)
    }
    guard status == 0, let buffer else {
      throw UserError("a picture cannot be encoded: \(String(cString: tjGetErrorStr2(handle)))")
    }
    return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
  }

  /// A sheet of tiles.
  static func encode(_ sheet: TileSheet, quality: Int = 82) throws -> [UInt8] {
    try encode(sheet.pixels, width: sheet.grid.width, height: sheet.grid.height, quality: quality)
  }

  private static func take() throws -> UnsafeMutableRawPointer {
    if let handle = handles.withLock({ $0.free.popLast() }) { return handle }
    guard let handle = tjInitCompress() else {
      throw UserError("libjpeg-turbo cannot be used: \(String(cString: tjGetErrorStr2(nil)))")
    }
    return handle
  }
}
