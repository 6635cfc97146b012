import CTurboJPEG
import Frames
import Imaging
import Synchronization
import Telemetry

/// Bytes to JPEG, by libjpeg-turbo. Any number of threads.
enum JPEGEncoder {
  /// An encoder with the memory for what it makes; one user at a time.
  private final class Worker: @unchecked Sendable {
    // Safety: an encoder that was taken from the idle ones belongs to one caller.
    let handle: UnsafeMutableRawPointer
    private(set) var buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 0)

    init() throws {
      guard let handle = tjInitCompress() else {
        throw UserError("libjpeg-turbo cannot be used: \(String(cString: tjGetErrorStr2(nil)))")
      }
      self.handle = handle
    }

    deinit {
      tjDestroy(handle)
      buffer.deallocate()
    }

    func makeRoom(_ width: Int, _ height: Int) {
      let bytes = Int(bitPattern: UInt(tjBufSize(Int32(width), Int32(height), Int32(TJSAMP_420.rawValue))))
      guard bytes > buffer.count else { return }
      buffer.deallocate()
      buffer = .allocate(capacity: bytes)
    }
  }
  private static let idle = Mutex<[Worker]>([])

  // Text-like tiles bleed with halved chroma, but the eye cannot tell at these sizes; pictures are twice as cheap.
  private static let subsampling = Int32(TJSAMP_420.rawValue)
  private static let flags = TJFLAG_FASTDCT | TJFLAG_NOREALLOC

  /// The picture of `width` times `height` pixels of R', G', B' bytes.
  /// - Throws: a sentence with libjpeg's own words.
  static func encode(_ pixels: [UInt8], width: Int, height: Int, quality: Int = 82) throws -> [UInt8] {
    guard pixels.count >= width * height * 3 else {
      throw UserError("a picture of \(width)x\(height) pixels cannot be a JPEG")
    }
    return try encode(width, height) { handle, output, size in
      pixels.withUnsafeBufferPointer {
        tjCompress2(
          handle, $0.baseAddress, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &output, &size, subsampling,
          Int32(quality), flags)
      }
    }
  }

  /// A picture of three planes: full-range Y'CbCr of BT.601, 4:2:0.
  /// - Throws: a sentence with libjpeg's own words.
  static func encode(_ picture: Frame, quality: Int = 82) throws -> [UInt8] {
    let (width, height) = (picture.format.width, picture.format.height)
    return try encode(width, height) { handle, output, size in
      withExtendedLifetime(picture) {
        let starts = (0..<3).map {
          picture.planes[$0].base.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
        }
        let strides = (0..<3).map { Int32(picture.planes[$0].stride) }
        var planes = starts
        return tjCompressFromYUVPlanes(
          handle, &planes, Int32(width), strides, Int32(height), subsampling, &output, &size, Int32(quality), flags)
      }
    }
  }

  /// A sheet of maps.
  static func encode(_ sheet: MapSheet, quality: Int = 82) throws -> [UInt8] {
    try encode(sheet.colored(), quality: quality)
  }

  /// A sheet of tiles.
  static func encode(_ sheet: TileSheet, quality: Int = 82) throws -> [UInt8] {
    try encode(sheet.pixels, width: sheet.grid.width, height: sheet.grid.height, quality: quality)
  }

  private static func encode(
    _ width: Int, _ height: Int,
    _ compress: (UnsafeMutableRawPointer, inout UnsafeMutablePointer<UInt8>?, inout UInt) -> Int32
  ) throws -> [UInt8] {
    guard width > 0, height > 0, width < 65500, height < 65500 else {
      throw UserError("a picture of \(width)x\(height) pixels cannot be a JPEG")
    }
    let worker = try idle.withLock { $0.popLast() } ?? Worker()
    defer { idle.withLock { if $0.count < 8 { $0.append(worker) } } }
    worker.makeRoom(width, height)
    var (output, size) = (worker.buffer.baseAddress, UInt(worker.buffer.count))
    guard compress(worker.handle, &output, &size) == 0, let output else {
      throw UserError("a picture cannot be encoded: \(String(cString: tjGetErrorStr2(worker.handle)))")
    }
    return Array(UnsafeBufferPointer(start: output, count: Int(size)))
  }
}
