import CFFmpeg
import Frames
import Media
import Telemetry

/// Cuts sound into the frames that an encoder takes, with silence in gaps (`SoundClock`).
final class SoundFramer {
  private let encoder: SoundEncoder
  private let queue: OpaquePointer
  private let frame: AVFrameBox
  private let what: String
  private var clock: SoundClock
  /// The time of the first sample in the queue.
  private var queueStart: Int64 = 0

  init(_ encoder: SoundEncoder, _ what: String) throws {
    (self.encoder, self.what) = (encoder, what)
    clock = SoundClock(rate: encoder.rate)
    frame = try AVFrameBox()
    let context = encoder.context.pointer.pointee
    queue = try ffmpeg(
      av_audio_fifo_alloc(context.sample_fmt, context.ch_layout.nb_channels, Int32(clamping: encoder.frameSize)), what)
  }

  deinit { av_audio_fifo_free(queue) }

  /// Takes sound in the encoder's own form; its time is in samples.
  func add(_ sound: UnsafeMutablePointer<AVFrame>, _ receive: (MediaPacket) throws -> Void) throws {
    let count = sound.pointee.nb_samples
    let stamp = sound.pointee.pts
    let step = clock.place(stamp == fovea_nopts ? nil : stamp, count: Int64(count))
    if let jump = step.jump {
      try empty(receive)
      queueStart = jump
    }
    try fill(step.silence, receive)
    guard step.skipped < count else { return }
    let skipped = Int32(clamping: step.skipped)
    if skipped > 0 {
      let width = av_get_bytes_per_sample(encoder.context.pointer.pointee.sample_fmt)
      let isPlanar = av_sample_fmt_is_planar(encoder.context.pointer.pointee.sample_fmt) != 0
      let channels = isPlanar ? 1 : sound.pointee.ch_layout.nb_channels
      let planes = isPlanar ? Int(sound.pointee.ch_layout.nb_channels) : 1
      for plane in 0..<planes { sound.pointee.extended_data[plane]? += Int(skipped * width * channels) }
    }
    try write(sound.pointee.extended_data, count - skipped)
    try encodeWhole(receive)
  }

  /// Encodes what is left.
  func finish(_ receive: (MediaPacket) throws -> Void) throws {
    try empty(receive)
    try encoder.encode(nil, receive)
  }

  private func write(_ data: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, _ count: Int32) throws {
    let code = data.withMemoryRebound(to: UnsafeMutableRawPointer?.self, capacity: 1) {
      av_audio_fifo_write(queue, $0, count)
    }
    try ffmpeg(code, what)
  }

  /// Silence, a frame at a time.
  private func fill(_ silence: Int64, _ receive: (MediaPacket) throws -> Void) throws {
    var rest = silence
    while rest > 0 {
      let count = Int32(clamping: min(rest, Int64(encoder.frameSize)))
      try prepare(count)
      let raw = frame.pointer.pointee
      try ffmpeg(
        av_samples_set_silence(
          raw.extended_data, 0, count, raw.ch_layout.nb_channels, encoder.context.pointer.pointee.sample_fmt), what)
      try write(raw.extended_data, count)
      av_frame_unref(frame.pointer)
      rest -= Int64(count)
      try encodeWhole(receive)
    }
  }

  private func encodeWhole(_ receive: (MediaPacket) throws -> Void) throws {
    while av_audio_fifo_size(queue) >= Int32(clamping: encoder.frameSize) {
      try encodeNext(Int32(clamping: encoder.frameSize), receive)
    }
  }

  /// Encodes a part of a frame, with silence behind it where the encoder wants whole ones only.
  private func empty(_ receive: (MediaPacket) throws -> Void) throws {
    let rest = av_audio_fifo_size(queue)
    guard rest > 0 else { return }
    guard !encoder.takesShortFrame else { return try encodeNext(rest, receive) }
    try fill(Int64(encoder.frameSize) - Int64(rest), receive)
  }

  private func encodeNext(_ count: Int32, _ receive: (MediaPacket) throws -> Void) throws {
    try prepare(count)
    defer { av_frame_unref(frame.pointer) }
    let data = frame.pointer.pointee.extended_data!
    let code = data.withMemoryRebound(to: UnsafeMutableRawPointer?.self, capacity: 1) {
      av_audio_fifo_read(queue, $0, count)
    }
    try ffmpeg(code, what)
    frame.pointer.pointee.pts = queueStart
    queueStart = queueStart.addingClamped(Int64(count))
    try encoder.encode(frame.pointer, receive)
  }

  private func prepare(_ count: Int32) throws {
    let context = encoder.context.pointer
    frame.pointer.pointee.nb_samples = count
    frame.pointer.pointee.format = context.pointee.sample_fmt.rawValue
    frame.pointer.pointee.sample_rate = context.pointee.sample_rate
    try ffmpeg(av_channel_layout_copy(&frame.pointer.pointee.ch_layout, &context.pointee.ch_layout), what)
    try ffmpeg(av_frame_get_buffer(frame.pointer, 0), what)
  }
}
