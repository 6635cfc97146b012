import CLinux
import Frames
import Glibc
import Telemetry

/// The memory of one driver buffer, mapped into ours. A frame that shows its picture holds it; it goes back to the
/// driver when no frame does.
package final class CameraBuffer: @unchecked Sendable {
  // Safety: constant addresses; the driver writes there only while the queue alone holds the buffer.
  /// Its number in the queue.
  package let index: Int
  /// Start and length of each memory plane.
  package let memory: [UnsafeMutableRawBufferPointer]

  fileprivate init(_ device: CameraDevice, _ type: UInt32, index: Int) throws {
    self.index = index
    var raw = fovea_camera_buffer()
    raw.index = UInt32(index)
    try device.check(
      fovea_camera_query_buffer(device.descriptor, type, &raw), "cannot get picture memory from the camera")
    var mapped: [UnsafeMutableRawBufferPointer] = []
    for plane in 0..<Int(raw.planes) {
      let length = raw.length(plane)
      let address = mmap(
        nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, device.descriptor, off_t(raw.offset(plane)))
      guard let address, address != MAP_FAILED else {
        let code = errno
        for part in mapped { munmap(part.baseAddress, part.count) }
        throw CameraError(code, "cannot map picture memory of the camera \(device.name)")
      }
      mapped.append(UnsafeMutableRawBufferPointer(start: address, count: length))
    }
    memory = mapped
  }

  deinit { for part in memory { munmap(part.baseAddress, part.count) } }
}

/// The driver's queue of memory-mapped buffers (https://docs.kernel.org/userspace-api/media/v4l/mmap.html).
package final class CameraQueue {
  package let device: CameraDevice
  /// V4L2_BUF_TYPE_*.
  package let type: UInt32
  private var buffers: [CameraBuffer] = []
  private var isQueued: [Bool] = []
  private var isStreaming = false

  /// Asks for `count` buffers; the driver may give fewer or more.
  package init(_ device: CameraDevice, _ type: UInt32, count: Int) throws {
    (self.device, self.type) = (device, type)
    var request = v4l2_requestbuffers()
    (request.count, request.type) = (UInt32(clamping: count), type)
    request.memory = V4L2_MEMORY_MMAP.rawValue
    try device.request(fovea_vidioc_reqbufs, &request, "cannot get picture memory from the camera")
    guard request.count >= 2 else { throw CameraError(ENOMEM, "cannot get picture memory from \(device.name)") }
    for index in 0..<min(Int(request.count), 32) {
      buffers.append(try CameraBuffer(device, type, index: index))
    }
    isQueued = Array(repeating: false, count: buffers.count)
  }

  deinit { stop() }

  package func start() throws {
    var type = Int32(bitPattern: type)
    try device.request(fovea_vidioc_streamon, &type, "cannot start the camera")
    isStreaming = true
  }

  /// VIDIOC_STREAMOFF: every buffer leaves the queue.
  package func stop() {
    guard isStreaming else { return }
    isStreaming = false
    var type = Int32(bitPattern: type)
    _ = fovea_ioctl(device.descriptor, fovea_vidioc_streamoff, &type)
    for index in isQueued.indices { isQueued[index] = false }
  }

  /// Gives the driver every buffer that no frame holds any more.
  package func queueReturned() throws {
    for index in buffers.indices where !isQueued[index] && isKnownUniquelyReferenced(&buffers[index]) {
      var raw = fovea_camera_buffer()
      (raw.index, raw.planes) = (UInt32(index), UInt32(buffers[index].memory.count))
      for plane in 0..<buffers[index].memory.count { raw.setLength(plane, buffers[index].memory[plane].count) }
      try queue(&raw)
    }
  }

  /// VIDIOC_QBUF.
  package func queue(_ raw: inout fovea_camera_buffer) throws {
    try device.check(fovea_camera_queue(device.descriptor, type, &raw), "cannot queue a picture of the camera")
    isQueued[Int(raw.index)] = true
  }

  /// For an output: a buffer that the driver does not hold; nil when it holds all of them.
  package func unqueued() -> CameraBuffer? {
    isQueued.firstIndex(of: false).map { buffers[$0] }
  }

  /// VIDIOC_DQBUF: a filled buffer, or nil when there is none yet.
  package func dequeue(_ raw: inout fovea_camera_buffer) throws -> CameraBuffer? {
    let planes = UInt32(buffers.first?.memory.count ?? 1)
    let code = fovea_camera_dequeue(device.descriptor, type, planes, &raw)
    if code == -EAGAIN { return nil }
    try device.check(code, "cannot take a picture from the camera")
    guard buffers.indices.contains(Int(raw.index)) else { throw CameraError(EIO, "cannot use \(device.name)") }
    isQueued[Int(raw.index)] = false
    return buffers[Int(raw.index)]
  }
}

extension fovea_camera_buffer {
  /// Bytes of a plane's picture.
  package func used(_ plane: Int) -> Int { withUnsafeBytes(of: used) { Int($0.bindMemory(to: UInt32.self)[plane]) } }
  /// Where a plane's picture begins.
  package func start(_ plane: Int) -> Int { withUnsafeBytes(of: start) { Int($0.bindMemory(to: UInt32.self)[plane]) } }
  /// A plane's offset for mmap.
  package func offset(_ plane: Int) -> Int {
    withUnsafeBytes(of: offset) { Int($0.bindMemory(to: UInt32.self)[plane]) }
  }
  /// Bytes of a plane's memory.
  package func length(_ plane: Int) -> Int {
    withUnsafeBytes(of: length) { Int($0.bindMemory(to: UInt32.self)[plane]) }
  }
  /// Sets the bytes of a plane's memory.
  package mutating func setLength(_ plane: Int, _ value: Int) {
    withUnsafeMutableBytes(of: &length) { $0.bindMemory(to: UInt32.self)[plane] = UInt32(clamping: value) }
  }
  /// Sets the bytes of a plane's picture.
  package mutating func setUsed(_ plane: Int, _ value: Int) {
    withUnsafeMutableBytes(of: &used) { $0.bindMemory(to: UInt32.self)[plane] = UInt32(clamping: value) }
  }
}
