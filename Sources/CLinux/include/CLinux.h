// What Linux has and Swift's Glibc does not import. Every function returns 0 or more, or -errno.
//
// Most of it is the kernel's camera interface (Video4Linux2): requests by number, and plain structures where the kernel has unions
// or packed fields.
//
// Linux Media Infrastructure userspace API, part I: https://docs.kernel.org/userspace-api/media/v4l/v4l2.html
#pragma once
#include <linux/videodev2.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// fallocate(2): keeps so many bytes of room on the disk for a file.
int fovea_file_reserve(int fd, off_t count);
/// fallocate(2): gives the room of a range of a file back to the disk; what is read there is 0 from now on.
int fovea_file_punch(int fd, off_t offset, off_t count);

/// The bytes of addresses that this process may map (RLIMIT_AS; `ulimit -v`), and how many are left. -1 for no limit.
int64_t fovea_memory_limit(void);
int64_t fovea_memory_left(void);

/// Where there is such a limit: a fault while less than `left` bytes of it remain ends the program with a sentence and status 1.
void fovea_memory_watch(int64_t left);

/// ioctl(2), again after EINTR.
int fovea_ioctl(int fd, unsigned long request, void *argument);

extern const unsigned long fovea_vidioc_querycap, fovea_vidioc_enum_fmt, fovea_vidioc_enum_framesizes,
    fovea_vidioc_enum_frameintervals, fovea_vidioc_reqbufs, fovea_vidioc_streamon, fovea_vidioc_streamoff,
    fovea_vidioc_query_ext_ctrl;

/// The four letters of a pixel format as the number that the kernel uses.
uint32_t fovea_fourcc(const char *letters);

/// A picture format, of single-planar (one memory plane) and multi-planar devices alike.
typedef struct {
  uint32_t width, height, fourcc, field;
  /// V4L2_COLORSPACE_*, V4L2_YCBCR_ENC_*, V4L2_QUANTIZATION_*, V4L2_XFER_FUNC_*; 0 means the default of the others.
  uint32_t colorspace, encoding, quantization, transfer;
  /// Memory planes; for each the bytes from row to row and the bytes of a picture.
  uint32_t planes, stride[VIDEO_MAX_PLANES], bytes[VIDEO_MAX_PLANES];
} fovea_camera_format;

/// VIDIOC_S_FMT, or VIDIOC_TRY_FMT when `tries`; the driver changes `format` to what it will do. `type` is a V4L2_BUF_TYPE_*.
int fovea_camera_set_format(int fd, uint32_t type, fovea_camera_format *format, int tries);

/// VIDIOC_G_PARM: seconds per frame, 0/0 when the driver does not say.
int fovea_camera_get_interval(int fd, uint32_t type, struct v4l2_fract *interval);
/// VIDIOC_S_PARM; the driver changes `interval` to what it will do.
int fovea_camera_set_interval(int fd, uint32_t type, struct v4l2_fract *interval);

/// One buffer of a queue.
typedef struct {
  uint32_t index, flags, field, sequence;
  /// When the picture was taken, in nanoseconds of the clock that `flags` names.
  int64_t timestamp;
  /// Memory planes; for each the picture's bytes and where they begin, and for `fovea_camera_query_buffer` the offset
  /// for mmap and the length.
  uint32_t planes, used[VIDEO_MAX_PLANES], start[VIDEO_MAX_PLANES], offset[VIDEO_MAX_PLANES], length[VIDEO_MAX_PLANES];
} fovea_camera_buffer;

/// VIDIOC_QUERYBUF for memory-mapped buffer `buffer->index`.
int fovea_camera_query_buffer(int fd, uint32_t type, fovea_camera_buffer *buffer);
/// VIDIOC_QBUF: gives buffer `buffer->index` to the driver, for output with `used` bytes in each plane.
int fovea_camera_queue(int fd, uint32_t type, const fovea_camera_buffer *buffer);
/// VIDIOC_DQBUF: takes the next filled buffer; `planes` says how many there are. -EAGAIN when there is none.
int fovea_camera_dequeue(int fd, uint32_t type, uint32_t planes, fovea_camera_buffer *buffer);

/// VIDIOC_G_EXT_CTRLS and VIDIOC_S_EXT_CTRLS of one integer control; `wide` for 64-bit ones.
int fovea_camera_get_control(int fd, uint32_t id, int wide, int64_t *value);
int fovea_camera_set_control(int fd, uint32_t id, int wide, int64_t value);
/// VIDIOC_QUERYMENU: the item's name (32 bytes, terminated) or, for integer menus, its value.
int fovea_camera_menu_item(int fd, uint32_t id, uint32_t index, char name[33], int64_t *value);

/// poll(2) for a picture (or room, for outputs) on `fd` for so many milliseconds.
/// 1 ready, 0 not yet, -errno; -EIO when the driver reports an error by POLLERR alone, -ENODEV when it hung up.
int fovea_camera_wait(int fd, int output, int milliseconds);

// What libv4l turns into RGB: Bayer mosaics and the formats of old webcams (convert.c).

/// True for formats, by number, that `fovea_camera_converter` reads.
int fovea_camera_converts(uint32_t fourcc);

typedef struct fovea_camera_converter fovea_camera_converter;

/// For pictures of this format. `fd` is the camera, for what libv4l knows of single models (mounted upside down, without a white
/// balance of its own), or -1. Null for formats, sizes and row distances that libv4l is not known to read safely, and when
/// memory is short.
fovea_camera_converter *fovea_camera_converter_open(int fd, const fovea_camera_format *source);
void fovea_camera_converter_close(fovea_camera_converter *converter);

/// Writes rows of R, G, B bytes, `stride` bytes apart. 0, or -errno for bytes that are no whole picture.
int fovea_camera_convert(fovea_camera_converter *converter, const uint8_t *bytes, size_t count, uint8_t *rgb, size_t stride);
